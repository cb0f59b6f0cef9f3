import { setTimeout as pause } from 'node:timers/promises';
import type { Position } from '../eventstore/event-store.js';
import type { ProjectionHalted } from './failures.js';

/**
 * Number of attempts to fold an event before it is parked or halts the projection. Each attempt loads documents again.
 */
const MAX_ATTEMPTS = 3;
/** Delay after the first failed attempt; after the second one it is twice as long. */
const RETRY_DELAY_MS = 10;

/**
 * Counts the failed attempts of an event. An event that fails in every attempt is marked as poison: the writer parks it
 * when it reaches the event again.
 */
export class PoisonEvents {
  /** The poison event of each document. */
  private readonly marked = new Map<string, { readonly position: Position; readonly error: string }>();
  /** Position and document of the last failed event, and the number of its attempts. */
  private last: { readonly key: string; readonly attempts: number } | undefined;

  /** @param canPark whether one more document may be parked; its argument is the documents that have a poison event */
  constructor(private readonly canPark: (marked: Iterable<string>) => boolean) {}

  clear(): void {
    this.marked.clear();
  }

  /**
   * Counts a failed attempt and waits before the next one. After the last attempt, marks the event as poison.
   * @throws the failure when the document of the event cannot be parked
   */
  async countFailure(failure: ProjectionHalted): Promise<void> {
    const { event, error } = failure.halt;
    const key = `${event?.position ?? ''} ${event?.document ?? ''}`;
    const attempts = this.last?.key === key ? this.last.attempts + 1 : 1;
    this.last = { key, attempts };
    if (attempts < MAX_ATTEMPTS) await pause(RETRY_DELAY_MS * attempts);
    else if (event?.document === undefined) throw failure;
    else this.mark(event.document, event.position, error, failure);
  }

  /**
   * Marks an event of a document as poison.
   * @throws the failure when the document cannot be parked
   */
  mark(document: string, position: Position, error: string, failure: ProjectionHalted): void {
    if (!this.canPark(this.marked.keys())) throw failure;
    this.marked.set(document, { position, error });
  }

  /** If the event is the poison event of the document, removes the mark and returns the error message. */
  takeError(document: string, position: Position): string | undefined {
    const marked = this.marked.get(document);
    if (marked?.position !== position) return undefined;
    this.marked.delete(document);
    return marked.error;
  }
}
