// Is one checkout of this repository faster than another? Both answer the same questions in turn on this machine.
//   node bench/compare.mjs --base FOLDER [--head FOLDER] [--pairs 9] [--only name,name] [--QUESTION-SIZE number …]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { QUESTIONS } from './compare/questions.mjs';
import { Workspace } from './compare/workspace.mjs';
import { median, medianInterval } from './support/figures.mjs';
import { machine } from './support/machine.mjs';
import { say } from './support/question.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const { base, head, pairs, questions } = parameters();
const folder = mkdtempSync(join(tmpdir(), 'redress-compare-'));
process.chdir(here); // the MongoDB stand-in is built from the sources above the current folder
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const sides = [
  { name: 'base', checkout: base },
  { name: 'head', checkout: head },
];
const workspace = new Workspace(folder, base);
const { processor, cores, node, load } = machine();
const rows = [];
for (const question of questions) {
  process.stderr.write(`${question.title}\n`);
  try {
    rows.push(...rowsOf(question, await measured(question)));
  } catch (error) {
    process.exitCode = 1; // the answers to the others are not lost
    say(`${question.name} failed: ${error.stack}`);
  }
}
process.stdout.write(report(rows));

/** Figures of both sides by name, one value per pair. Both values of a pair are measured in direct succession. */
async function measured(question) {
  const values = new Map();
  for (let pair = 0; pair < pairs; pair++) {
    const found = {};
    for (const side of pair % 2 === 0 ? sides : [...sides].reverse()) {
      found[side.name] = await question.measure({ side, workspace, ...question.sizes });
      workspace.clear();
    }
    for (const [name, { value, unit }] of Object.entries(found.base)) {
      const figure = values.get(name) ?? { unit, base: [], head: [] };
      values.set(name, figure);
      figure.base.push(value);
      figure.head.push(found.head[name].value);
      say(`${String(pair + 1)}/${String(pairs)} ${name}: ${shown(value)} → ${shown(found.head[name].value)} ${unit}`);
    }
  }
  return values;
}

function rowsOf({ name }, values) {
  return [...values].map(([figure, { unit, base: before, head: after }]) => {
    const ratios = before.map((value, pair) => (unit === 's' ? value / after[pair] : after[pair] / value));
    const { low, high } = medianInterval(ratios);
    return { name, figure, unit, base: median(before), head: median(after), ratio: middle(ratios), low, high };
  });
}

/** Markdown, to be pasted into docs/performance.md. */
function report(found) {
  const { coverage } = medianInterval(Array.from({ length: pairs }, (_, at) => at));
  const lines = [
    `| question | base | head | | head / base | ${shown(coverage * 100)} % interval |`,
    '| --- | ---: | ---: | --- | ---: | --- |',
    ...found.map((row) => {
      const rates = `${shown(row.base)} | ${shown(row.head)} | ${row.unit}`;
      return `| ${row.name}: ${row.figure} | ${rates} | ${fixed(row.ratio)} | ${fixed(row.low)}–${fixed(row.high)} |`;
    }),
    '',
    `Pairs: ${String(pairs)}; base and head go first in turn. head / base is the median of the ratios of the pairs, above 1`,
    `where head is faster. The interval is that of its order statistics (sign test), which covers ${shown(coverage * 100)} %.`,
    `${processor}, ${String(cores)} cores, Node ${node}; load ${String(load)} before, ${String(machine().load)} after.`,
    '',
    ...questions.map(({ name, title, sizes }) => `- \`${name}\`: ${title} (${sizesOf(sizes)}).`),
    '',
  ];
  return lines.join('\n');
}

function sizesOf(sizes) {
  return Object.entries(sizes)
    .map(([name, value]) => `${name} ${value.toLocaleString('en')}`)
    .join(', ');
}

/** The median; for an even number of values, the mean of the two middle ones. */
function middle(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function shown(value) {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}

function fixed(ratio) {
  return ratio.toFixed(2);
}

function parameters() {
  const sizes = QUESTIONS.flatMap((question) => Object.keys(question.sizes).map((size) => `${question.name}-${size}`));
  const strings = ['base', 'head', 'pairs', 'only', ...sizes];
  try {
    const { values } = parseArgs({ options: Object.fromEntries(strings.map((name) => [name, { type: 'string' }])) });
    const only = values.only?.split(',') ?? QUESTIONS.map(({ name }) => name);
    const unknown = only.filter((name) => !QUESTIONS.some((question) => question.name === name));
    if (unknown.length > 0) throw new Error(`there is no question ${unknown.join(', ')}`);
    if (values.base === undefined) throw new Error('--base names the checkout to compare with');
    return {
      base: checkout(values.base),
      head: checkout(values.head ?? here),
      pairs: number('pairs', values.pairs ?? '9'),
      questions: QUESTIONS.filter(({ name }) => only.includes(name)).map((question) => ({
        ...question,
        sizes: Object.fromEntries(
          Object.entries(question.sizes).map(([size, standard]) => {
            const name = `${question.name}-${size}`;
            return [size, number(name, values[name] ?? String(standard))];
          }),
        ),
      })),
    };
  } catch (error) {
    const usage = `node bench/compare.mjs --base FOLDER [--head FOLDER] [--pairs 9] [--only name,name]`;
    process.stderr.write(`${error.message}\nusage: ${usage}\n`);
    process.stderr.write(`  questions: ${QUESTIONS.map(({ name }) => name).join(', ')}\n`);
    process.stderr.write(`  sizes: ${sizes.map((name) => `--${name}`).join(', ')}\n`);
    process.exit(2);
  }
}

function number(name, text) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} is a whole number above 0, not ${text}`);
  return value;
}

/** @throws Error if the folder is not a compiled checkout */
function checkout(given) {
  const path = resolve(given);
  if (statSync(join(path, 'dist', 'src', 'main.js'), { throwIfNoEntry: false }) === undefined)
    throw new Error(`${path} is not compiled: run \`npm run build\` there`);
  return path;
}
