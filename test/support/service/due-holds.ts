import { writeFileSync } from 'node:fs';
import type { StoredEvent } from '../../../src/eventstore/event-store.js';

export interface HoldsPlan {
  readonly complaints: number;
  readonly holdsEach: number;
  /** The first expected end; milliseconds since 1970. */
  readonly from: number;
  /** The holds end one after the other within this time, in milliseconds. */
  readonly within: number;
}

/** Writes a file of bulk command lines that place holds. Neighbouring ends belong to different complaints. */
export function writeHolds(file: string, { complaints, holdsEach, from, within }: HoldsPlan): void {
  const numbers = Array.from({ length: complaints }, (_, number) => number);
  const lodgings = numbers.map((number) => ({
    command: 'LodgeComplaint',
    key: `held-${String(number)}`,
    data: { channel: 'email', narrative: '包裹没有到。' },
  }));
  const holds = Array.from({ length: holdsEach }, (_, round) =>
    numbers.map((number) => ({
      command: 'PlaceHold',
      key: `held-${String(number)}-${String(round)}`,
      complaint: `held-${String(number)}`,
      data: {
        holdId: `h${String(round)}`,
        reason: 'awaiting_third_party',
        counterparty: 'the courier',
        expectedEnd: new Date(
          from + Math.floor(((round * complaints + number) * within) / (complaints * holdsEach)),
        ).toISOString(),
      },
    })),
  );
  writeFileSync(file, [...lodgings, ...holds.flat()].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

interface Metadata {
  readonly actor: { readonly type: string };
  readonly occurredAt: { readonly at: string };
  readonly recordedAt: string;
}

/** What the log says about the holds that end by themselves. */
export class HoldEnds {
  /** By stream and hold. */
  private readonly expectedEnds = new Map<string, string>();
  private readonly released = new Map<string, StoredEvent[]>();
  private readonly lastEnds = new Map<string, string>();
  private readonly faults: string[] = [];
  /** Longest time from an expected end to the recording of its release, in milliseconds. */
  maxDelayMs = 0;

  /** Adds the next event of the log. */
  add(event: StoredEvent): void {
    if (event.type !== 'HoldPlaced' && event.type !== 'HoldReleased') return;
    const data = JSON.parse(event.data) as {
      readonly holdId: string;
      readonly cause?: string;
      readonly expectedEnd?: { readonly at: string };
    };
    const hold = `${event.stream}/${data.holdId}`;
    if (event.type === 'HoldPlaced') this.expectedEnds.set(hold, data.expectedEnd?.at ?? '');
    else this.addRelease(hold, data.cause, event);
  }

  get placed(): number {
    return this.expectedEnds.size;
  }

  get recorded(): number {
    return this.released.size;
  }

  /** Descriptions of all faults: holds that ended early, twice, out of order, otherwise than by the timers, or never. */
  differences(): string[] {
    const missing = [...this.expectedEnds.keys()].filter((hold) => !this.released.has(hold));
    return [...this.faults, ...missing.map((hold) => `${hold} was never released`)];
  }

  private addRelease(hold: string, cause: string | undefined, event: StoredEvent): void {
    const { actor, occurredAt, recordedAt } = JSON.parse(event.metadata) as Metadata;
    const expectedEnd = this.expectedEnds.get(hold) ?? '';
    const fault = (text: string): void => {
      this.faults.push(`${hold}, expected end ${expectedEnd}: ${text}`);
    };
    const earlier = this.released.get(hold);
    if (earlier !== undefined) fault('released twice');
    this.released.set(hold, [...(earlier ?? []), event]);
    if (recordedAt < expectedEnd) fault(`recorded early, at ${recordedAt}`);
    if (occurredAt.at !== expectedEnd) fault(`happened at ${occurredAt.at}`);
    if (actor.type !== 'scheduler' || cause !== 'ended') fault(`released by ${actor.type} with cause ${String(cause)}`);
    if ((this.lastEnds.get(event.stream) ?? '') > expectedEnd) fault('released after a later hold of its complaint');
    this.lastEnds.set(event.stream, expectedEnd);
    this.maxDelayMs = Math.max(this.maxDelayMs, Date.parse(recordedAt) - Date.parse(expectedEnd));
  }
}
