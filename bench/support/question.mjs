import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * A question is one benchmark program: `node bench/appends.mjs [--full]` prints its result as one line of JSON to
 * standard output, and its progress to standard error. run.mjs runs the programs one after the other, each in its own
 * process, and reports the peak memory of that process.
 */

/**
 * Runs the benchmark of this program and prints its result. `work` receives an {@link Answer}, which collects the result,
 * a folder that is removed afterwards, and whether `--full` was given.
 */
export async function runBenchmark(title, work) {
  const full = process.argv.includes('--full');
  const folder = mkdtempSync(join(tmpdir(), 'redress-bench-'));
  const answer = new Answer(title);
  const startTime = performance.now();
  try {
    await work({ answer, folder, full });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  answer.memory('the measuring process', process.resourceUsage().maxRSS / 1024);
  const seconds = Math.round((performance.now() - startTime) / 100) / 10; // one decimal
  process.stdout.write(`${JSON.stringify({ title, seconds, ...answer.content })}\n`);
}

class Answer {
  content = { figures: [], ratios: [], memory: [], notes: [] };

  constructor(title) {
    this.title = title;
  }

  /** Adds a measured value, such as `figure('append, 64 callers', 50_000, 'events/s')`. */
  figure(what, value, unit) {
    this.content.figures.push({ what, value: rounded(value), unit });
    printProgress(`${what}: ${String(rounded(value))} ${unit}`);
  }

  /** Adds a value that is compared with its target: `{ atLeast }`, `{ atMost }`, or none. */
  ratio(what, value, target = {}) {
    const { atLeast, atMost } = target;
    const met = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
    this.content.ratios.push({ what, value: rounded(value), ...target, met });
    printProgress(`${what}: ${String(rounded(value))}${met ? '' : ' (misses its target)'}`);
  }

  /** Adds the peak memory of a process in MiB. */
  memory(whose, mebibytes) {
    this.content.memory.push({ whose, mebibytes: Math.round(mebibytes) });
  }

  note(text) {
    this.content.notes.push(text);
    printProgress(text);
  }
}

/** Prints a line to standard error. */
export const printProgress = (text) => process.stderr.write(`  ${text}\n`);

/** Rounds to three significant digits, or to four if the value is 1,000 or more; null if it is not finite. */
const rounded = (value) => (Number.isFinite(value) ? Number(value.toPrecision(value >= 1000 ? 4 : 3)) : null);
