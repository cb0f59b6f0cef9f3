import { setTimeout as pause } from 'node:timers/promises';
import type { Position } from '../eventstore/event-store.js';
import type { ProjectionHalted } from './failures.js';

/** How often an event is tried, each time with freshly loaded documents, before it is parked or halts its projection. */
const MAX_ATTEMPTS = 3;

/** Events that fail, by document: how often they were tried, and which failed for good and are parked when they come again. */
export class PoisonEvents {
  private readonly marked = new Map<string, { readonly position: Position; readonly error: string }>();
  private last: { readonly at: string; readonly attempts: number } | undefined;

  /** @param canPark whether one more document may wait, with as many others marked to */
  constructor(private readonly canPark: (documents: Iterable<string>) => boolean) {}

  clear(): void {
    this.marked.clear();
  }

  /**
   * Counts an attempt and waits a little before the next one; after the last the event is marked to be parked.
   * @throws the failure where its document cannot wait alone
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

  /** @throws the failure where the document cannot wait alone */
  mark(document: string, position: Position, error: string, failure: ProjectionHalted): void {
    if (!this.canPark(this.marked.keys())) throw failure;
    this.marked.set(document, { position, error });
  }

  /** Why the event is to be parked in the document; undefined when it is not. The mark is used up. */
  take(document: string, position: Position): string | undefined {
    const marked = this.marked.get(document);
    if (marked?.position !== position) return undefined;
    this.marked.delete(document);
    return marked.error;
  }
}
