import { setTimeout as pause } from 'node:timers/promises';
import { AppendAmbiguous, StoreUnavailable, SubscriptionDropped, type StoredEvent } from '../eventstore/event-store.js';
import { sqliteCode } from '../platform/sqlite.js';
import { QueryTooSlow, ReadModelsUnavailable, SessionLost } from '../readmodels/read-models.js';
import type { Halt } from './projections.js';

/** A projection that cannot continue without an operator; the others continue. */
export class ProjectionHalted extends Error {
  override readonly name = 'ProjectionHalted';
  constructor(
    readonly halt: Halt,
    options?: ErrorOptions,
  ) {
    super(`${halt.reason}: ${halt.error}`, options);
  }
}

/** One event could not be decoded, placed, folded or stored. Everything before it is written. */
export const halted = (
  reason: 'undecodable' | 'keys_failed' | 'evolve_failed' | 'document_rejected',
  { position, type, stream, revision }: StoredEvent,
  cause: unknown,
  document?: string,
): ProjectionHalted =>
  new ProjectionHalted(
    {
      reason,
      error: errorMessage(cause),
      event: { position, type, stream, revision, ...(document !== undefined && { document }) },
    },
    { cause },
  );

export const historyChanged = (error: string): ProjectionHalted =>
  new ProjectionHalted({ reason: 'history_changed', error });

/** Documents or the checkpoint repeatedly differed from what was loaded. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}

/** Transient errors: a store that is unavailable, busy or full, a lost subscription, a write conflict. */
const TRANSIENT = [
  StoreUnavailable,
  AppendAmbiguous,
  SubscriptionDropped,
  ReadModelsUnavailable,
  QueryTooSlow,
  Conflict,
] as const;

/** Another connection holds the lock, the disk is full or does not answer. A damaged file gives SQLITE_CORRUPT. */
const TRANSIENT_IN_SQLITE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PROTOCOL)/;

/** Whether a retry can help. Every error that is not known to be transient needs operator action. */
export const isTransient = (error: unknown): boolean =>
  TRANSIENT.some((kind) => error instanceof kind) || TRANSIENT_IN_SQLITE.test(sqliteCode(error) ?? '');

/** Why the projection stopped, for an error that is not transient. */
export function haltOf(error: unknown): Halt {
  if (error instanceof ProjectionHalted) return error.halt;
  return {
    reason: error instanceof SessionLost ? 'checkpoint_lost' : 'storage_failed',
    error: errorMessage(error),
  };
}

/** Maximum length of a kept error message, in characters: it is stored with parked documents and sent in reports. */
const MAX_ERROR_LENGTH = 500;

export const errorMessage = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
    .slice(0, MAX_ERROR_LENGTH)
    .replace(/[\p{Surrogate}\p{Cc}]/gu, ' ');

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 15_000;

/**
 * Milliseconds before attempt n (from 0): doubles up to 15 s; half is random so that processes do not retry in step.
 */
export function retryDelay(attempt: number): number {
  const full = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return full / 2 + (Math.random() * full) / 2;
}

/** Resolves early, without an error, when the signal aborts. */
export async function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  await pause(retryDelay(attempt), undefined, { signal }).catch(() => undefined);
}
