import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../doc-snippets.js';

const FOLDER = join(root, 'src', 'complaint');

interface Module {
  /** Top-level declarations by name. */
  readonly declared: ReadonlyMap<string, ts.Node>;
  /** The file of the same folder that a name is imported from. */
  readonly imported: ReadonlyMap<string, string>;
}

/**
 * The event types that each command may emit, by the name of its class: those whose constructors its decider calls,
 * itself or through functions of src/complaint. Read from the source; conditions are not looked at.
 */
export function eventsOfCommands(): Map<string, ReadonlySet<string>> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  const modules = new Map(files.map((file) => [file, moduleOf(file)]));
  const found = new Map<string, ReadonlySet<string>>();
  for (const call of calls(modules.get('table.ts')?.declared.get('complaintCommands'))) {
    const [, command, decider] = call.arguments;
    if (command === undefined || decider === undefined || call.expression.getText() !== 'on') continue;
    found.set(command.getText(), emitted(modules, 'table.ts', decider.getText(), new Set()));
  }
  return found;
}

function emitted(modules: ReadonlyMap<string, Module>, file: string, name: string, seen: Set<string>): Set<string> {
  const module = modules.get(file);
  const from = module?.imported.get(name);
  if (from === 'events.ts') return new Set();
  if (from !== undefined) return emitted(modules, from, name, seen);
  const node = module?.declared.get(name);
  if (node === undefined || seen.has(`${file} ${name}`)) return new Set();
  seen.add(`${file} ${name}`);
  const called = calls(node).map(({ expression }) => expression.getText());
  const events = new Set(called.filter((callee) => module?.imported.get(callee) === 'events.ts'));
  for (const other of identifiers(node)) for (const type of emitted(modules, file, other, seen)) events.add(type);
  return events;
}

function moduleOf(file: string): Module {
  const source = ts.createSourceFile(file, readFileSync(join(FOLDER, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const declared = new Map<string, ts.Node>();
  const imported = new Map<string, string>();
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement))
      for (const one of statement.declarationList.declarations) declared.set(one.name.getText(), one);
    if (ts.isFunctionDeclaration(statement) && statement.name) declared.set(statement.name.text, statement);
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    const from = /^\.\/([^/]+)\.js$/.exec(statement.moduleSpecifier.text)?.[1];
    if (from === undefined || bindings === undefined || !ts.isNamedImports(bindings)) continue;
    for (const { name } of bindings.elements) imported.set(name.text, `${from}.ts`);
  }
  return { declared, imported };
}

const calls = (node: ts.Node | undefined): ts.CallExpression[] => collect(node, ts.isCallExpression);

const identifiers = (node: ts.Node): Set<string> => new Set(collect(node, ts.isIdentifier).map(({ text }) => text));

function collect<Kind extends ts.Node>(node: ts.Node | undefined, is: (node: ts.Node) => node is Kind): Kind[] {
  if (node === undefined) return [];
  const found: Kind[] = is(node) ? [node] : [];
  node.forEachChild((child) => {
    found.push(...collect(child, is));
  });
  return found;
}
