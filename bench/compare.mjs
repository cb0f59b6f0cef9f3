// Is one checkout of this repository faster than another? Measures both alternately with the same benchmarks.
//   node bench/compare.mjs --base FOLDER [--head FOLDER] [--pairs 9] [--only name,name] [--live-commands 8000 …]
// An option such as --live-commands sets one size of one question: here `commands` of the question `live`.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { QUESTIONS } from './compare/questions.mjs';
import { Workspace } from './compare/workspace.mjs';
import { median, medianInterval } from './support/figures.mjs';
import { machine } from './support/machine.mjs';
import { printProgress } from './support/question.mjs';

const thisCheckout = fileURLToPath(new URL('..', import.meta.url));
const { base, head, pairs, questions } = parameters();
const folder = mkdtempSync(join(tmpdir(), 'redress-compare-'));
process.chdir(thisCheckout); // startMongo looks for the source of the MongoDB stand-in in the current folder
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
    rows.push(...rowsOf(question, await measure(question)));
  } catch (error) {
    process.exitCode = 1; // continues with the other questions
    printProgress(`${question.name} failed: ${error.stack}`);
  }
}
process.stdout.write(report(rows));

/**
 * Measures a question `pairs` times on both sides; the two measurements of a pair follow one directly after the other.
 * Returns a map from the name of a figure to its unit and the values of both sides, one per pair.
 */
async function measure(question) {
  const values = new Map();
  for (let pair = 0; pair < pairs; pair++) {
    const figures = {};
    for (const side of pair % 2 === 0 ? sides : [...sides].reverse()) {
      figures[side.name] = await question.measure({ side, workspace, ...question.sizes });
      workspace.clear();
    }
    for (const [name, { value, unit }] of Object.entries(figures.base)) {
      const headValue = figures.head[name].value;
      const figure = values.get(name) ?? { unit, base: [], head: [] };
      values.set(name, figure);
      figure.base.push(value);
      figure.head.push(headValue);
      const change = `${formatNumber(value)} → ${formatNumber(headValue)} ${unit}`;
      printProgress(`pair ${String(pair + 1)}/${String(pairs)}, ${name}: ${change}`);
    }
  }
  return values;
}

function rowsOf({ name }, values) {
  return [...values].map(([figure, { unit, base: baseValues, head: headValues }]) => {
    // a duration is inverted, so that a ratio above 1 always means that the head is faster
    const ratios = baseValues.map((value, pair) => {
      const headValue = headValues[pair];
      return unit === 's' ? value / headValue : headValue / value;
    });
    const { low, high } = medianInterval(ratios);
    const ratio = interpolatedMedian(ratios);
    return { name, figure, unit, base: median(baseValues), head: median(headValues), ratio, low, high };
  });
}

/** The result as Markdown, for docs/performance.md. */
function report(tableRows) {
  // the coverage depends only on the number of values
  const { coverage } = medianInterval(Array.from({ length: pairs }, (_, pair) => pair));
  const percent = formatNumber(coverage * 100);
  const lines = [
    `| question | base | head | | head / base | ${percent} % interval |`,
    '| --- | ---: | ---: | --- | ---: | --- |',
    ...tableRows.map((row) => {
      const medians = `${formatNumber(row.base)} | ${formatNumber(row.head)} | ${row.unit}`;
      const interval = `${formatRatio(row.low)}–${formatRatio(row.high)}`;
      return `| ${row.name}: ${row.figure} | ${medians} | ${formatRatio(row.ratio)} | ${interval} |`;
    }),
    '',
    `Pairs: ${String(pairs)}; base is measured first in every other pair. head / base is the median of the ratios of the pairs;`,
    `above 1, head is faster. The interval is the ${percent} % confidence interval of this median (sign test).`,
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

/** The median; for an even number of values, the mean of the two values in the middle. */
function interpolatedMedian(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function formatNumber(value) {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}

function formatRatio(ratio) {
  return ratio.toFixed(2);
}

function parameters() {
  const sizes = QUESTIONS.flatMap((question) => Object.keys(question.sizes).map((size) => `${question.name}-${size}`));
  const strings = ['base', 'head', 'pairs', 'only', ...sizes];
  try {
    const { values } = parseArgs({ options: Object.fromEntries(strings.map((name) => [name, { type: 'string' }])) });
    const only = values.only?.split(',') ?? QUESTIONS.map(({ name }) => name);
    const unknown = only.filter((name) => !QUESTIONS.some((question) => question.name === name));
    if (unknown.length > 0) throw new Error(`unknown question: ${unknown.join(', ')}`);
    if (values.base === undefined) throw new Error('--base is required: the folder of the checkout to compare with');
    return {
      base: checkout(values.base),
      head: checkout(values.head ?? thisCheckout),
      pairs: positiveInteger('pairs', values.pairs ?? '9'),
      questions: QUESTIONS.filter(({ name }) => only.includes(name)).map((question) => ({
        ...question,
        sizes: Object.fromEntries(
          Object.entries(question.sizes).map(([size, defaultValue]) => {
            const name = `${question.name}-${size}`;
            return [size, positiveInteger(name, values[name] ?? String(defaultValue))];
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

function positiveInteger(name, text) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} must be a whole number above 0, not ${text}`);
  return value;
}

/** Absolute path of a compiled checkout. @throws Error if it is not compiled */
function checkout(folderName) {
  const path = resolve(folderName);
  if (statSync(join(path, 'dist', 'src', 'main.js'), { throwIfNoEntry: false }) === undefined)
    throw new Error(`${path} is not compiled: run \`npm run build\` there`);
  return path;
}
