import type { End, ProcessOptions } from './service-process.js';

/** A commit on a database file, and whether the process dies before or after it. */
export interface Death {
  readonly file: string;
  /** Counted from 1 within the thread. */
  readonly commit: number;
  readonly side: 'before' | 'after';
}

/** The options of a process that dies there, as kill -9 would end it. */
export const dyingAt = ({ file, commit, side }: Death): ProcessOptions => ({
  preload: ['dies-at-commit'],
  environment: { REDRESS_TEST_DIES_AT: `${file} ${String(commit)} ${side}` },
});

/** The options of a process that says at its end how many commits there were on a file; see {@link commitsOf}. */
export const counting = (file: string): ProcessOptions => ({
  preload: ['dies-at-commit'],
  environment: { REDRESS_TEST_DIES_AT: `${file} 0 before` },
});

/** Of the thread that made the most. */
export const commitsOf = ({ said }: End): number =>
  Math.max(0, ...[...said.matchAll(/^commits: (\d+)$/gm)].map(([, number]) => Number(number)));
