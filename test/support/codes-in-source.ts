import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './doc-snippets.js';

/** Functions and classes that take a stable code: the indexes of those arguments, by the name of the function. */
const CODE_ARGUMENTS = new Map<string | undefined, readonly number[]>(
  Object.entries({
    unmet: [0],
    reject: [0],
    requireRemedy: [1], // offers.ts: a guard on the status of remedies
    notInStatus: [3],
    Problem: [1],
    ParameterRefused: [1], // criteria.ts
    failure: [1], // map-error.ts
    invalid: [0],
    fault: [0], // in a call with three arguments, the code is the second argument: see readCall
    refuse: [1],
    unusable: [0],
    rejected: [0],
    refused: [0, 1],
    unauthorized: [0], // bearer.ts
    rejectCell: [1], // cfpb.ts
    valueOrReject: [2], // cfpb.ts
  }),
);
/** Functions with which the domain rejects a command: the HTTP status is 409. */
const CONFLICTS: readonly string[] = ['unmet', 'reject', 'requireRemedy', 'notInStatus'];

/** Functions and classes whose first argument is the HTTP status. */
const WITH_STATUS: readonly string[] = ['Problem', 'failure'];

/** Values of the first argument of `refused` that are a kind of refusal and not a code. */
const REFUSAL_KINDS: readonly string[] = ['not_found', 'key_reused', 'too_large'];
const CODE = /^[a-z]+(_[a-z0-9]+)*$/;

/**
 * Every stable code in src/, with its HTTP statuses where the source states them. Finds codes in calls of the functions
 * above, in properties named `code`, and in the table of responses to framework errors (`404: [code, …]`).
 */
export function codesInSource(): Map<string, Set<number>> {
  const codes = new Map<string, Set<number>>();
  const add = (code: string, status?: number): void => {
    if (!CODE.test(code) || REFUSAL_KINDS.includes(code)) return;
    const statuses = codes.get(code) ?? new Set();
    if (status !== undefined) statuses.add(status);
    codes.set(code, statuses);
  };
  for (const file of sourceFiles()) {
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAssignment(node) && nameOf(node.name) === 'example') return; // has codes of lists too
      if (ts.isCallExpression(node) || ts.isNewExpression(node)) readCall(node, add);
      else if (ts.isPropertyAssignment(node) && nameOf(node.name) === 'code')
        for (const code of literalsOf(node.initializer)) add(code);
      else if (ts.isPropertyAssignment(node) && ts.isNumericLiteral(node.name)) {
        const [first] = ts.isArrayLiteralExpression(node.initializer) ? node.initializer.elements : [];
        if (first !== undefined) for (const code of literalsOf(first)) add(code, Number(node.name.text));
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return codes;
}

function readCall(call: ts.CallExpression | ts.NewExpression, add: (code: string, status?: number) => void): void {
  const { expression } = call;
  const callArguments: readonly ts.Expression[] = call.arguments ?? [];
  const callee = ts.isPropertyAccessExpression(expression) ? expression.name.text : nameOf(expression);
  // `fault` of bulk-line.ts has the name of a field before the code
  const indexes = callee === 'fault' && callArguments.length === 3 ? [1] : (CODE_ARGUMENTS.get(callee) ?? []);
  for (const index of indexes) {
    const argument = callArguments[index];
    if (argument === undefined) continue;
    const [status] = callArguments;
    for (const code of literalsOf(argument))
      if (callee !== undefined && WITH_STATUS.includes(callee) && status !== undefined && ts.isNumericLiteral(status))
        add(code, Number(status.text));
      else add(code, callee !== undefined && CONFLICTS.includes(callee) ? 409 : undefined);
  }
}

/** The text of a string literal, or of both branches of a conditional expression; none for other expressions. */
function literalsOf(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...literalsOf(node.whenTrue), ...literalsOf(node.whenFalse)];
  return [];
}

const nameOf = (node: ts.Node): string | undefined => (ts.isIdentifier(node) ? node.text : undefined);

/** The files of src/ without specs, parsed. */
function sourceFiles(): ts.SourceFile[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => ts.createSourceFile(name, readFileSync(join(root, 'src', name), 'utf8'), ts.ScriptTarget.Latest));
}
