import type { End, ProcessOptions } from './service-process.js';

/** The commit at which a process is killed. */
export interface KillPoint {
  /** End of the path of the database file. */
  readonly file: string;
  /** Number of the commit on this file, counted from 1 in each thread. */
  readonly commit: number;
  /** Whether the process is killed before or after the commit. */
  readonly side: 'before' | 'after';
}

/** Options of a process that kills itself with SIGKILL at this commit; see preload/dies-at-commit.cjs. */
export const killAtCommit = ({ file, commit, side }: KillPoint): ProcessOptions => ({
  preload: ['dies-at-commit'],
  environment: { REDRESS_TEST_DIES_AT: `${file} ${String(commit)} ${side}` },
});

/** Options of a process that prints its number of commits on a file when it ends; see {@link commitsOf}. */
export const countCommits = (file: string): ProcessOptions => ({
  preload: ['dies-at-commit'],
  environment: { REDRESS_TEST_DIES_AT: `${file} 0 before` },
});

/** The number of commits that a process has printed, of the thread with the most commits. */
export const commitsOf = ({ output }: End): number =>
  Math.max(0, ...[...output.matchAll(/^commits: (\d+)$/gm)].map(([, number]) => Number(number)));
