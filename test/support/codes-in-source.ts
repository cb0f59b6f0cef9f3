import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './doc-snippets.js';

/** Which argument of a call is a stable code, by the name of what is called. */
const CODE_ARGUMENTS = new Map<string | undefined, readonly number[]>(
  Object.entries({
    unmet: [0],
    reject: [0],
    requireRemedy: [1], // offers.ts: a guard on the status of remedies
    notInStatus: [3],
    Problem: [1],
    failure: [1], // mapError.ts
    invalid: [0],
    fault: [0], // of three, the second: bulk-line.ts names the member first
    refuse: [1],
    unusable: [0],
    rejected: [0],
    refused: [0, 1],
    read: [2], // cfpb.ts: a cell of a row
  }),
);
/** A rejection by the domain. */
const CONFLICTS: readonly string[] = ['unmet', 'reject', 'requireRemedy', 'notInStatus'];

/** What has the HTTP status as its first argument. */
const BESIDE_STATUS: readonly string[] = ['Problem', 'failure'];

/** First arguments of `refused` that say which kind of refusal it is, not its code. */
const KINDS: readonly string[] = ['not_found', 'key_reused', 'too_large'];
const CODE = /^[a-z]+(_[a-z0-9]+)*$/;

/**
 * Every stable code that src/ can give out, with the HTTP statuses that stand beside it where they can be read off.
 * What is looked for: the calls above, properties named `code`, and the answers to framework errors.
 */
export function codesInSource(): Map<string, Set<number>> {
  const codes = new Map<string, Set<number>>();
  const add = (code: string, status?: number): void => {
    if (!CODE.test(code) || KINDS.includes(code)) return;
    const statuses = codes.get(code) ?? new Set();
    if (status !== undefined) statuses.add(status);
    codes.set(code, statuses);
  };
  for (const file of sources()) {
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) || ts.isNewExpression(node)) readCall(node, add);
      else if (ts.isPropertyAssignment(node) && nameOf(node.name) === 'code')
        for (const code of textsOf(node.initializer)) add(code);
      else if (ts.isPropertyAssignment(node) && ts.isNumericLiteral(node.name)) {
        const [first] = ts.isArrayLiteralExpression(node.initializer) ? node.initializer.elements : [];
        if (first !== undefined) for (const code of textsOf(first)) add(code, Number(node.name.text));
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return codes;
}

function readCall(call: ts.CallExpression | ts.NewExpression, add: (code: string, status?: number) => void): void {
  const { expression } = call;
  const given: readonly ts.Expression[] = call.arguments ?? [];
  const callee = ts.isPropertyAccessExpression(expression) ? expression.name.text : nameOf(expression);
  const places = callee === 'fault' && given.length === 3 ? [1] : (CODE_ARGUMENTS.get(callee) ?? []);
  for (const index of places) {
    const argument = given[index];
    if (argument === undefined) continue;
    const [status] = given;
    for (const code of textsOf(argument))
      if (callee !== undefined && BESIDE_STATUS.includes(callee) && status !== undefined && ts.isNumericLiteral(status))
        add(code, Number(status.text));
      else add(code, callee !== undefined && CONFLICTS.includes(callee) ? 409 : undefined);
  }
}

/** The texts that an expression can be: itself, or either side of a choice. */
function textsOf(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  return [];
}

const nameOf = (node: ts.Node): string | undefined => (ts.isIdentifier(node) ? node.text : undefined);

function sources(): ts.SourceFile[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => ts.createSourceFile(name, readFileSync(join(root, 'src', name), 'utf8'), ts.ScriptTarget.Latest));
}
