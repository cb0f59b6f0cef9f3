import { setTimeout as pause } from 'node:timers/promises';
import { AppendAmbiguous, StoreUnavailable, SubscriptionDropped, type StoredEvent } from '../eventstore/event-store.js';
import type { ExplainFailure } from '../platform/server-unusable.js';
import { sqliteCode } from '../platform/sqlite.js';
import { truncate } from '../platform/text.js';
import { QueryTooSlow, ReadModelsUnavailable, SessionLost } from '../readmodels/read-models.js';
import type { Halt, RetryStatus } from './projections.js';

/** One projection cannot continue without an operator; the other projections continue. */
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
 * The error for an event that could not be decoded, folded or stored, or whose documents could not be determined. The
 * writer throws it only after it has written all earlier events.
 */
export const eventFailure = (
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

/** The error for a log that is not the one that was folded. */
export const historyChanged = (error: string): ProjectionHalted =>
  new ProjectionHalted({ reason: 'history_changed', error });

/** The stored documents or the stored checkpoint repeatedly differed from what was loaded. */
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

/**
 * Another connection holds the lock, or the disk is full or unavailable. SQLITE_CORRUPT, for a damaged file, is not
 * transient.
 */
const TRANSIENT_SQLITE_CODE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PROTOCOL)/;

/** Whether a retry can help. Every error that is not known to be transient needs operator action. */
export const isTransient = (error: unknown): boolean =>
  TRANSIENT.some((errorClass) => error instanceof errorClass) || TRANSIENT_SQLITE_CODE.test(sqliteCode(error) ?? '');

/** The reason to halt a projection after an error that is not transient. */
export function haltOf(error: unknown): Halt {
  if (error instanceof ProjectionHalted) return error.halt;
  return {
    reason: error instanceof SessionLost ? 'checkpoint_lost' : 'storage_failed',
    error: errorMessage(error),
  };
}

/** Maximum length of an error message in characters: messages are stored with parked documents and sent in reports. */
const MAX_ERROR_LENGTH = 500;

/** Name and message of an error as one line: control characters become spaces. */
export const errorMessage = (error: unknown): string =>
  truncate(error instanceof Error ? `${error.name}: ${error.message}` : String(error), MAX_ERROR_LENGTH).replace(
    /[\p{Cc}\u2028\u2029]/gu,
    ' ',
  );

/** `attempt`: number of consecutive failures. */
export function retryStatus(error: unknown, attempt: number, explainFailure?: ExplainFailure): RetryStatus {
  const cause = explainFailure?.(error);
  return { attempt, error: errorMessage(error), ...(cause !== undefined && { cause }) };
}

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 15_000;

/**
 * Delay before a retry in milliseconds; `attempt` counts from 0. The delay doubles with each attempt, up to 15 s. Up to
 * half of it is random, so that several processes do not retry at the same time.
 */
export function retryDelay(attempt: number): number {
  const longest = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return longest / 2 + (Math.random() * longest) / 2;
}

/** Waits for {@link retryDelay}. Resolves early, without an error, when the signal aborts. */
export async function backOff(attempt: number, signal: AbortSignal): Promise<void> {
  await pause(retryDelay(attempt), undefined, { signal }).catch(() => undefined);
}
