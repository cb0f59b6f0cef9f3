import { Presets, SingleBar } from 'cli-progress';
import { statSync } from 'node:fs';
import type { BuildProgress } from '../projection/projections.js';
import { printNotice } from './invocation.js';

/** Shows the progress of files on standard error. */
export interface Progress {
  at(file: string, rows: number, bytes: number): void;
  say(line: string): void;
  /** May be called again. */
  end(): void;
}

/** A progress bar on a terminal; otherwise one line per thousand rows. */
export function progressOf(files: readonly string[]): Progress {
  return process.stderr.isTTY ? bar(files) : plainLines;
}

const plainLines: Progress = {
  at: (file, rows) => {
    if (rows % 1000 === 0) printNotice(`${file}: ${String(rows)} rows`);
  },
  say: printNotice,
  end: () => undefined,
};

function bar(files: readonly string[]): Progress {
  const sizes = new Map(files.map((file) => [file, statSync(file).size]));
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const shown = new SingleBar(
    { format: '{bar} {percentage} % | {rows} rows | {file}', hideCursor: true },
    Presets.shades_classic,
  );
  shown.start(total, 0, { rows: 0, file: files[0] ?? '' });
  let current = files[0];
  let before = 0;
  return {
    at: (file, rows, bytes) => {
      if (file !== current) {
        before += sizes.get(current ?? '') ?? 0;
        current = file;
      }
      shown.update(before + bytes, { rows, file });
    },
    say: (line) => {
      process.stderr.write(`\r\x1b[K${line}\n`);
    },
    end: () => {
      shown.stop();
    },
  };
}

/** Shows the progress of a build of a read model on standard error. */
export interface BuildBar {
  readonly at: (progress: BuildProgress) => void;
  readonly end: () => void;
}

const PRINT_INTERVAL_MS = 10_000;

/** Overwrites one line on a terminal; otherwise prints one line per ten seconds. */
export function buildProgress(output: NodeJS.WriteStream = process.stderr): BuildBar {
  const line = ({ collection, position }: BuildProgress): string => `${collection}: at ${position ?? 'the start'}`;
  if (output.isTTY)
    return {
      at: (progress) => void output.write(`\r\x1b[K${line(progress)}`),
      end: () => void output.write('\r\x1b[K'),
    };
  let lastPrint = -Infinity;
  return {
    at: (progress) => {
      if (performance.now() - lastPrint < PRINT_INTERVAL_MS) return;
      lastPrint = performance.now();
      output.write(`${line(progress)}\n`);
    },
    end: () => undefined,
  };
}
