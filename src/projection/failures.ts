import type { StoredEvent } from '../eventstore/event-store.js';
import { DatabaseCorrupt } from '../platform/sqlite.js';
import type { Halt } from './projections.js';

/** A projection cannot go on by itself; the others can. */
export class ProjectionHalted extends Error {
  override readonly name = 'ProjectionHalted';
  constructor(
    readonly halt: Halt,
    options?: ErrorOptions,
  ) {
    super(`${halt.reason}: ${halt.error}`, options);
  }
}

/**
 * One event could not be decoded, placed or folded into the document, tried again and again. Everything before it is
 * written.
 */
export const halted = (
  reason: 'undecodable' | 'keys_failed' | 'evolve_failed',
  { position, type, stream, revision }: StoredEvent,
  cause: unknown,
  document?: string,
): ProjectionHalted =>
  new ProjectionHalted(
    {
      reason,
      error: told(cause),
      event: { position, type, stream, revision, ...(document !== undefined && { document }) },
    },
    { cause },
  );

export const historyChanged = (error: string): ProjectionHalted =>
  new ProjectionHalted({ reason: 'history_changed', error });

export const checkpointLost = (collection: string): ProjectionHalted =>
  new ProjectionHalted({ reason: 'checkpoint_lost', error: `another runner moved the checkpoint of ${collection}` });

/**
 * Whether trying again can help. A store that is away, busy or full comes back; a damaged file does not, and a
 * mistake in this program does not either.
 */
export function mayPass(error: unknown): boolean {
  return !(
    error instanceof ProjectionHalted ||
    error instanceof DatabaseCorrupt ||
    error instanceof TypeError ||
    error instanceof RangeError
  );
}

/** Characters of an error that are kept: it is stored with parked events and goes out in reports. */
const LONGEST_ERROR = 500;

export const told = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
    .slice(0, LONGEST_ERROR)
    .replace(/[\p{Surrogate}\p{Cc}]/gu, ' ');

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 15_000;

/** Milliseconds before attempt n (from 0): doubling to 15 s, half of it random so that runners do not march in step. */
export function pauseBefore(attempt: number): number {
  const full = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt);
  return full / 2 + (Math.random() * full) / 2;
}
