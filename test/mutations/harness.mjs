import { expect } from 'expect';

/* The part of the test runner's interface that the narrow tests use. Tests are collected once and run many times. */

/** @typedef {{ file: string, name: string, run: () => unknown }} CollectedTest */

/** Installs `test`, `describe` and `expect`, and returns the list that receives the tests. */
export function collectTests() {
  /** @type {CollectedTest[]} */
  const tests = [];
  const state = { file: '', path: [] };
  const test = (name, run) => tests.push({ file: state.file, name: [...state.path, name].join(' › '), run });
  const describe = (name, define) => {
    state.path.push(name);
    define();
    state.path.pop();
  };
  const each = (declare) => (table) => (name, body) => {
    for (const row of table) declare(titleOf(name, row), () => body(...(Array.isArray(row) ? row : [row])));
  };
  test.each = each(test);
  describe.each = each(describe);
  const unsupported = () => {
    throw new Error('unsupported');
  };
  Object.assign(globalThis, { test, it: test, describe, expect });
  for (const name of ['beforeAll', 'beforeEach', 'afterAll', 'afterEach']) globalThis[name] = unsupported;
  return {
    tests,
    /** Loads a file of tests; false if it needs more than this harness offers. */
    loadFile(path, load) {
      const count = tests.length;
      state.file = path;
      try {
        load(path);
        return true;
      } catch (error) {
        tests.length = count;
        state.path.length = 0;
        if (process.env.DEBUG) console.error(path, error);
        return false;
      }
    },
  };
}

const titleOf = (name, row) => `${name} ${JSON.stringify(row)?.slice(0, 60) ?? ''}`;

/** True if the test passes. */
export async function passes({ run }) {
  try {
    await run();
    return true;
  } catch {
    return false;
  }
}
