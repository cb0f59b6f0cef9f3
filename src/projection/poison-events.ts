import { setTimeout as pause } from 'node:timers/promises';
import type { Position } from '../eventstore/event-store.js';
import type { ProjectionHalted } from './failures.js';

/** Attempts per event, each with freshly loaded documents, before it is parked or halts its projection. */
const MAX_ATTEMPTS = 3;

/** Failing events by document: the number of attempts, and the poison events to park at their next delivery. */
export class PoisonEvents {
  private readonly marked = new Map<string, { readonly position: Position; readonly error: string }>();
  private last: { readonly at: string; readonly attempts: number } | undefined;

  /** @param canPark whether one more document may be parked, given the number of others marked */
  constructor(private readonly canPark: (documents: Iterable<string>) => boolean) {}

  clear(): void {
    this.marked.clear();
  }

  /**
   * Counts an attempt and backs off before the next one; after the last attempt it marks the event as poison.
   * @throws the failure where its document cannot be parked
   */
  async failed(failure: ProjectionHalted): Promise<void> {
    const { event, error } = failure.halt;
    const at = `${event?.position ?? ''} ${event?.document ?? ''}`;
    const attempts = this.last?.at === at ? this.last.attempts + 1 : 1;
    this.last = { at, attempts };
    if (attempts < MAX_ATTEMPTS) await pause(10 * attempts);
    else if (event?.document === undefined) throw failure;
    else this.mark(event.document, event.position, error, failure);
  }

  /** @throws the failure where the document cannot be parked */
  mark(document: string, position: Position, error: string, failure: ProjectionHalted): void {
    if (!this.canPark(this.marked.keys())) throw failure;
    this.marked.set(document, { position, error });
  }

  /** Why the event must be parked in the document; undefined when it must not. Consumes the mark. */
  take(document: string, position: Position): string | undefined {
    const marked = this.marked.get(document);
    if (marked?.position !== position) return undefined;
    this.marked.delete(document);
    return marked.error;
  }
}
