import { Presets, SingleBar } from 'cli-progress';
import { statSync } from 'node:fs';
import type { BuildProgress } from '../projection/projections.js';
import { printNotice } from './invocation.js';

/** Moves the cursor to the start of the line and clears the line. */
const CLEAR_LINE = '\r\x1b[K';

/** Shows on standard error how far the import of files has come. */
export interface ImportProgress {
  /** `rows`: number of rows read in all files. `bytes`: number of bytes read in this file. */
  update(file: string, rows: number, bytes: number): void;
  /** Prints a line, such as a warning, between the updates. */
  printLine(line: string): void;
  /** Further calls have no effect. */
  end(): void;
}

/** Shows a progress bar on a terminal; otherwise prints one line per thousand rows. */
export function createProgress(files: readonly string[]): ImportProgress {
  return process.stderr.isTTY ? progressBar(files) : plainLines;
}

const plainLines: ImportProgress = {
  update: (file, rows) => {
    if (rows % 1000 === 0) printNotice(`${file}: ${String(rows)} rows`);
  },
  printLine: printNotice,
  end: () => undefined,
};

function progressBar(files: readonly string[]): ImportProgress {
  const sizes = new Map(files.map((file) => [file, statSync(file).size]));
  const totalBytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const bar = new SingleBar(
    { format: '{bar} {percentage} % | {rows} rows | {file}', hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(totalBytes, 0, { rows: 0, file: files[0] ?? '' });
  let currentFile = files[0];
  let bytesOfEarlierFiles = 0;
  return {
    update: (file, rows, bytes) => {
      if (file !== currentFile) {
        bytesOfEarlierFiles += sizes.get(currentFile ?? '') ?? 0;
        currentFile = file;
      }
      bar.update(bytesOfEarlierFiles + bytes, { rows, file });
    },
    printLine: (line) => {
      process.stderr.write(`${CLEAR_LINE}${line}\n`);
    },
    end: () => {
      bar.stop();
    },
  };
}

/** Shows how far the build of a read model has come. */
export interface BuildProgressDisplay {
  readonly update: (progress: BuildProgress) => void;
  readonly end: () => void;
}

const PRINT_INTERVAL_MS = 10_000;

/** Overwrites one line on a terminal; otherwise prints at most one line per ten seconds. */
export function displayBuildProgress(output: NodeJS.WriteStream = process.stderr): BuildProgressDisplay {
  const textOf = ({ collection, position }: BuildProgress): string => `${collection}: at ${position ?? 'the start'}`;
  if (output.isTTY)
    return {
      update: (progress) => void output.write(`${CLEAR_LINE}${textOf(progress)}`),
      end: () => void output.write(CLEAR_LINE),
    };
  let lastPrint = -Infinity;
  return {
    update: (progress) => {
      if (performance.now() - lastPrint < PRINT_INTERVAL_MS) return;
      lastPrint = performance.now();
      output.write(`${textOf(progress)}\n`);
    },
    end: () => undefined,
  };
}
