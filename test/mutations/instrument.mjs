import ts from 'typescript';

/*
 * Mutants of guards. Every mutant is compiled in from the start and switched on by its number, so that all tests are
 * loaded once. There are three kinds:
 *   silent   a refusal is not given: its expression becomes undefined
 *   negated  the condition that decides about a refusal is reversed
 *   removed  a guard is missing from the list of a command, or a check from those of its fields
 */

/** @typedef {{ id: number, kind: 'silent' | 'negated' | 'removed', file: string, line: number, text: string }} Mutant */

const REFUSALS = new Set(['unmet', 'reject', 'nothingToChange']);

/**
 * The source with switches for its mutants.
 * @param {string} source
 * @param {string} file path that the report names
 * @param {Mutant[]} mutants receives the mutants of this file
 */
export function withMutants(source, file, mutants) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const insertions = [];
  const add = (kind, node, open, close) => {
    const id = mutants.length;
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
    mutants.push({ id, kind, file, line: line + 1, text: node.getText().replace(/\s+/g, ' ').slice(0, 90) });
    insertions.push({ at: node.getStart(), text: open(id), order: insertions.length });
    insertions.push({ at: node.end, text: close, order: -insertions.length });
  };
  const visit = (node) => {
    if (ts.isCallExpression(node) && isRefusal(node)) {
      const isOnlyItem = ts.isArrayLiteralExpression(node.parent) && node.parent.elements.length === 1;
      const target = isOnlyItem ? node.parent : node;
      add('silent', target, (id) => `__silent(${id}, ${isOnlyItem ? '[]' : 'undefined'}, () => (`, '))');
      const condition = conditionOf(node);
      if (condition !== undefined) add('negated', condition, (id) => `__negated(${id}, (`, '))');
    }
    if (
      ts.isPropertyAssignment(node) &&
      node.name.getText() === 'guards' &&
      ts.isArrayLiteralExpression(node.initializer)
    )
      for (const guard of node.initializer.elements)
        if (!ts.isSpreadElement(guard)) add('removed', guard, (id) => `__guard(${id}, (`, '))');
    if (ts.isCallExpression(node) && node.expression.getText() === 'rejectionOf')
      for (const problem of node.arguments)
        if (!ts.isSpreadElement(problem)) add('removed', problem, (id) => `__silent(${id}, undefined, () => (`, '))');
    ts.forEachChild(node, visit);
  };
  visit(tree);
  // inner switches of the same place open later and close earlier
  return insertions
    .sort((a, b) => b.at - a.at || b.order - a.order)
    .reduce((text, { at, text: inserted }) => text.slice(0, at) + inserted + text.slice(at), source);
}

const isRefusal = ({ expression }) => REFUSALS.has(expression.getText());

/** The condition of the nearest conditional around a refusal in the same function; undefined if there is none. */
function conditionOf(refusal) {
  for (let node = refusal; node.parent !== undefined; node = node.parent) {
    const { parent } = node;
    if (ts.isConditionalExpression(parent) && parent.condition !== node) return parent.condition;
    if (ts.isIfStatement(parent) && parent.expression !== node) return parent.expression;
    if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)
      return parent.left === node ? undefined : parent.left;
    if (ts.isFunctionLike(parent)) return undefined;
  }
  return undefined;
}

/** Installs the functions that the switches call. */
export function installSwitches() {
  const state = { active: -1, reached: new Set() };
  const isOn = (id) => {
    state.reached.add(id);
    return state.active === id;
  };
  Object.assign(globalThis, {
    __silent: (id, instead, value) => (isOn(id) ? instead : value()),
    __negated: (id, condition) => (isOn(id) ? !condition : condition),
    __guard: (id, guard) =>
      function guardOrNothing(...inputs) {
        return isOn(id) ? undefined : guard.apply(this, inputs);
      },
  });
  return state;
}
