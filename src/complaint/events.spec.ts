import ts from 'typescript';
import { join } from 'node:path';
import * as events from './events.js';
import { complaintEventTypes } from './events.js';

test('every event type of this file is listed', () => {
  const defined = Object.values(events).flatMap((value) => ('personal' in value ? [value.type] : []));
  expect(complaintEventTypes.map(({ type }) => type).sort()).toEqual(defined.sort());
});

test('every event type names each string of its data once, as personal or as open', () => {
  const named = complaintEventTypes.flatMap(({ type, personal, open }) =>
    [...personal, ...open].map((path) => `${type} ${path}`),
  );
  expect(named.sort()).toEqual(stringFields().sort());
});

/** By the compiler: `Type path` of each string in the data of each member of ComplaintEvent. */
function stringFields(): string[] {
  const root = join(__dirname, '../..');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: unknown;
  };
  const file = join(__dirname, 'events.ts');
  const program = ts.createProgram([file], ts.parseJsonConfigFileContent(config, ts.sys, root).options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const union = module && checker.getExportsOfModule(module).find(({ name }) => name === 'ComplaintEvent');
  if (union === undefined) throw new Error('events.ts has no ComplaintEvent');
  const members = checker.getDeclaredTypeOfSymbol(union);
  if (!members.isUnion()) throw new Error('ComplaintEvent is no union');
  return members.types.flatMap((member) => {
    const type = propertyType(member, 'type');
    if (!type.isStringLiteral()) throw new Error('an event without a type');
    return [...new Set(strings(propertyType(member, 'data'), ''))].map((path) => `${type.value} ${path}`);
  });

  function propertyType(of: ts.Type, name: string): ts.Type {
    const property = of.getProperty(name);
    if (property === undefined) throw new Error(`no ${name}`);
    return checker.getTypeOfSymbol(property);
  }

  function strings(type: ts.Type, path: string): string[] {
    if (type.isUnion()) return type.types.flatMap((one) => strings(one, path));
    if (type.isStringLiteral()) return []; // of a closed list
    if (type.flags & ts.TypeFlags.String) return [path];
    if (!(type.flags & ts.TypeFlags.Object) || type.getProperty('precision') !== undefined) return []; // number, boolean; Moment
    const [element] = checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [];
    if (element !== undefined) return strings(element, `${path}.*`);
    return type
      .getProperties()
      .flatMap((property) =>
        strings(checker.getTypeOfSymbol(property), path === '' ? property.name : `${path}.${property.name}`),
      );
  }
}
