/*
 * Mutates every guard of the deciders in turn and runs the tests of src/complaint and the stories that reach it. Prints
 * each mutant that no test notices. Usage:
 *
 *   node test/mutations/guards.mjs [--sample COUNT] [--seed NUMBER] [--only TEXT]
 *
 * `--sample` takes that many mutants, chosen by the seed; `--only` those whose file or text contains TEXT. The exit code
 * is 1 if a mutant survives that explained.mjs does not explain.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { explanationOf } from './explained.mjs';
import { collectTests, passes } from './harness.mjs';
import { installSwitches, withMutants } from './instrument.mjs';
import { compileOnLoad, load, ROOT } from './loader.mjs';

const { values } = parseArgs({
  options: { sample: { type: 'string' }, seed: { type: 'string', default: '1' }, only: { type: 'string' } },
});

const DOMAIN = join(ROOT, 'src/complaint');
const mutants = [];
const switches = installSwitches();
compileOnLoad((source, path) =>
  path.startsWith(DOMAIN) && !path.endsWith('.spec.ts') ? withMutants(source, relative(ROOT, path), mutants) : source,
);

const { tests, loadFile } = collectTests();
const specs = [DOMAIN, join(ROOT, 'test/stories')].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.spec.ts'))
    .map((name) => join(folder, name)),
);
const leftOut = specs.filter((path) => !loadFile(path, load));

// the tests without a mutant: those that fail here are left out, the others name the mutants that they reach
const testsOf = new Map();
let failing = 0;
for (const test of tests) {
  switches.reached.clear();
  if (await passes(test)) for (const id of switches.reached) testsOf.set(id, [...(testsOf.get(id) ?? []), test]);
  else {
    failing += 1;
    if (process.env.DEBUG) console.error('fails without a mutant:', test.file, test.name);
  }
}

const chosen = sampleOf(
  mutants.filter(({ file, text }) => values.only === undefined || `${file} ${text}`.includes(values.only)),
  values.sample === undefined ? Infinity : Number(values.sample),
  Number(values.seed),
);
const survivors = [];
for (const mutant of chosen) {
  switches.active = mutant.id;
  let isNoticed = false;
  for (const test of testsOf.get(mutant.id) ?? [])
    if (!(await passes(test))) {
      isNoticed = true;
      break;
    }
  if (!isNoticed) survivors.push(mutant);
}
switches.active = -1;

const unexplained = survivors.filter((mutant) => explanationOf(mutant) === undefined);
for (const mutant of unexplained) {
  const { kind, file, line, text, id } = mutant;
  console.log(`${testsOf.has(id) ? 'survives' : 'no test '}  ${kind.padEnd(7)}  ${file}:${line}  ${text}`);
}
console.log(
  `${chosen.length} of ${mutants.length} mutants, ${tests.length - failing} tests of ${specs.length - leftOut.length} files ` +
    `(${leftOut.length} files and ${failing} tests need the test runner): ${chosen.length - survivors.length} noticed, ` +
    `${survivors.length - unexplained.length} explained, ${unexplained.length} survive`,
);
process.exitCode = unexplained.length === 0 ? 0 : 1;

/** A sample in the order of a generator with this seed; everything if there are no more. */
function sampleOf(items, count, seed) {
  if (items.length <= count) return items;
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return items
    .map((item) => ({ item, key: next() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ item }) => item);
}
