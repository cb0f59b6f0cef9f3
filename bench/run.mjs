// Runs the benchmarks one after the other, each in its own process, and prints the results.
//   npm run bench [-- [--full] [--json] [NAME…]]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { commitOf, machine } from './support/machine.mjs';

/** The benchmarks in the order in which they run. A benchmark reports which of its requirements are missing. */
const QUESTIONS = [
  'appends',
  'commands',
  'projecting',
  'stream-read',
  'long-stream',
  'import',
  'queries',
  'find',
  'start',
  'eventstoredb',
  'mongodb',
];

const args = process.argv.slice(2);
const names = args.filter((argument) => !argument.startsWith('-'));
const unknown = [
  ...names.filter((name) => !QUESTIONS.includes(name)),
  ...args.filter((argument) => argument.startsWith('-') && !['--full', '--json'].includes(argument)),
];
if (unknown.length > 0) {
  process.stderr.write(`usage: npm run bench -- [--full] [--json] [${QUESTIONS.join('|')} …]\n`);
  process.exit(2);
}
const json = args.includes('--json');
const program = (name) => fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
const chosen = QUESTIONS.filter((name) => (names.length === 0 || names.includes(name)) && existsSync(program(name)));

const report = {
  at: new Date().toISOString(),
  machine: { ...machine(), commit: commitOf(new URL('..', import.meta.url)) },
  full: args.includes('--full'),
  answers: [],
};
for (const name of chosen) {
  process.stderr.write(`${name}\n`);
  const answer = await runBenchmark(name);
  report.answers.push({ name, ...answer });
  if (!json) print(answer);
}
if (json) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
else summary();

/** Runs a benchmark and returns its result: the last line of its output, because a compared library may print lines before it. */
async function runBenchmark(name) {
  const child = spawn(process.execPath, [program(name), ...args.filter((argument) => argument === '--full')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code === 0) return JSON.parse(output.trim().split('\n').at(-1));
  process.exitCode = 1;
  return { title: name, failed: `ended with code ${String(code)}`, figures: [], ratios: [], memory: [], notes: [] };
}

function print({ title, seconds, failed, figures, ratios, memory, notes }) {
  const lines = tableWithoutBorders();
  for (const { what, value, unit } of figures)
    lines.push([what, { content: formatNumber(value), hAlign: 'right' }, unit]);
  for (const { whose, mebibytes } of memory)
    lines.push([`peak memory of ${whose}`, { content: formatNumber(mebibytes), hAlign: 'right' }, 'MiB']);
  for (const ratio of ratios)
    lines.push([ratio.what, { content: formatNumber(ratio.value), hAlign: 'right' }, targetOf(ratio)]);
  process.stdout.write(`\n${title} (${failed ?? `${String(seconds)} s`})\n${lines.toString()}\n`);
  for (const note of notes) process.stdout.write(`  note: ${note}\n`);
}

function summary() {
  const { processor, cores, node, load } = report.machine;
  const targets = report.answers.flatMap(({ ratios }) =>
    ratios.filter((ratio) => 'atLeast' in ratio || 'atMost' in ratio),
  );
  const missed = targets.filter((ratio) => !ratio.met);
  process.stdout.write(
    `\n${processor}, ${String(cores)} cores, Node ${node}, load average ${String(load)} before the start\n`,
  );
  process.stdout.write(`${String(targets.length - missed.length)} of ${String(targets.length)} targets are met\n`);
  for (const ratio of missed)
    process.stdout.write(`  missed: ${ratio.what}: ${formatNumber(ratio.value)}, ${targetOf(ratio)}\n`);
}

function targetOf({ atLeast, atMost, met }) {
  if (atLeast === undefined && atMost === undefined) return '';
  const target = atLeast === undefined ? `at most ${formatNumber(atMost)}` : `at least ${formatNumber(atLeast)}`;
  return met ? target : `${target}: missed`;
}

function tableWithoutBorders() {
  const chars = Object.fromEntries(
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
      .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
      .map((name) => [name, '']),
  );
  return new Table({ chars, style: { 'padding-left': 2, 'padding-right': 0 } });
}

function formatNumber(value) {
  return value === null ? 'none' : value.toLocaleString('en', { maximumSignificantDigits: 4 });
}
