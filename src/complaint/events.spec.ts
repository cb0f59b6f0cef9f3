import ts from 'typescript';
import { join } from 'node:path';
import { complaintDecoder } from './command-service.js';
import * as events from './events.js';
import { complaintEventTypes } from './events.js';

test('complaintEventTypes lists every event type of events.ts', () => {
  const defined = Object.values(events).flatMap((value) => ('personal' in value ? [value.type] : []));
  expect(complaintEventTypes.map(({ type }) => type).sort()).toEqual(defined.sort());
});

test('an offer that was recorded in version 1 has the present spelling of its providers', () => {
  const measure = (provider: string) => ({ id: 'm1', type: 'refund', provider });
  const versions = ['RemedyDrafted', 'RemedyProposed'].map((type) => [type, complaintDecoder.versionOf(type)]);
  expect(versions).toEqual([
    ['RemedyDrafted', 2],
    ['RemedyProposed', 2],
  ]);
  const decoded = complaintDecoder.decode({
    stream: 'complaint-1',
    revision: 4,
    position: '5',
    eventId: 'e',
    type: 'RemedyProposed',
    data: JSON.stringify({ remedyId: 'r1', measures: [measure('self'), measure('thirdParty')] }),
    metadata: JSON.stringify({ schemaVersion: 1 }),
  });
  expect(decoded.data).toEqual({ remedyId: 'r1', measures: [measure('self'), measure('third_party')] });
});

test('a register outcome that was recorded in version 1 is final unless it is in progress', () => {
  const finalOf = (response: string) =>
    complaintDecoder.decode({
      stream: 'complaint-1',
      revision: 1,
      position: '2',
      eventId: 'e',
      type: 'ExternalOutcomeRecorded',
      data: JSON.stringify({ register: 'CFPB', response }),
      metadata: JSON.stringify({ schemaVersion: 1 }),
    }).data;
  expect(finalOf('Closed')).toMatchObject({ final: true });
  expect(finalOf(' In Progress')).toMatchObject({ final: false });
});

test('every event type lists each string field of its data once, as personal or as open', () => {
  const listed = complaintEventTypes.flatMap(({ type, personal, open }) =>
    [...personal, ...open].map((path) => `${type} ${path}`),
  );
  expect(listed.sort()).toEqual(stringFields().sort());
});

/**
 * All string fields in the data of the event types, found with the TypeScript compiler. One text per field: the event
 * type, a space, and the path of the field.
 */
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
  if (!members.isUnion()) throw new Error('ComplaintEvent is not a union');
  return members.types.flatMap((member) => {
    const type = propertyType(member, 'type');
    if (!type.isStringLiteral()) throw new Error('the type of an event is not a string literal');
    return [...new Set(stringPaths(propertyType(member, 'data'), ''))].map((path) => `${type.value} ${path}`);
  });

  function propertyType(owner: ts.Type, name: string): ts.Type {
    const property = owner.getProperty(name);
    if (property === undefined) throw new Error(`an event has no property ${name}`);
    return checker.getTypeOfSymbol(property);
  }

  function stringPaths(type: ts.Type, path: string): string[] {
    if (type.isUnion()) return type.types.flatMap((member) => stringPaths(member, path));
    if (type.isStringLiteral()) return []; // a value of a code list
    if (type.flags & ts.TypeFlags.String) return [path];
    if (!(type.flags & ts.TypeFlags.Object)) return []; // a number or a boolean
    if (type.getProperty('precision') !== undefined) return []; // a Moment
    const [element] = checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference) : [];
    if (element !== undefined) return stringPaths(element, `${path}.*`);
    return type
      .getProperties()
      .flatMap((property) =>
        stringPaths(checker.getTypeOfSymbol(property), path === '' ? property.name : `${path}.${property.name}`),
      );
  }
}
