import { randomUUID } from 'node:crypto';
import { checkAppend, RecentIds, type ExpectedRevision } from './append-check.js';
import type { LogFile } from './log-file.js';
import { END_OF_STREAM, sizeInLog, type ProposedEvent, type RecordedEvent } from './recorded-event.js';
import { StreamHistory } from './stream-history.js';

export type AppendOutcome =
  /** `revision` is undefined for an empty append to a stream without events, `position` where the event is hidden. */
  | { readonly kind: 'appended'; readonly revision: number | undefined; readonly position: number | undefined }
  | { readonly kind: 'conflict'; readonly head: number }
  | { readonly kind: 'deleted' }
  /** The server stopped waiting for its own write, which may be stored or not. */
  | { readonly kind: 'timed out' };

/** A delete is not sent twice at once. */
export type DeleteOutcome = Exclude<AppendOutcome, { kind: 'timed out' }>;

/** A fresh server's log begins with records that are no events (epoch, chunk header). */
const FIRST_POSITION = 1_227;

/** The log of the whole database, its streams, and who is told of new events. */
export class EventLog {
  readonly #file: LogFile | undefined;
  readonly #events: RecordedEvent[] = [];
  readonly #streams = new Map<string, StreamHistory>();
  readonly #recent: RecentIds;
  readonly #listeners = new Set<() => void>();
  /** How many of #events are on disk, and so visible. */
  #visible = 0;
  #end = FIRST_POSITION;

  constructor(commits: readonly (readonly RecordedEvent[])[] = [], file?: LogFile, recent = new RecentIds()) {
    this.#file = file;
    this.#recent = recent;
    for (const commit of commits) for (const event of commit) this.#take(event);
    if (this.#events.length === 0) this.#record('$$$scavenges', [systemEvent('$metadata', '{"$maxAge":2592000}')]);
    this.#visible = this.#events.length;
  }

  /** Events that readers may see. */
  get length(): number {
    return this.#visible;
  }

  /** The `index`th visible event of the log. */
  at(index: number): RecordedEvent | undefined {
    return index < this.#visible ? this.#events[index] : undefined;
  }

  /** Position after the last visible event: where the next will begin. */
  get end(): number {
    return this.#visible < this.#events.length ? (this.#events[this.#visible]?.position ?? this.#end) : this.#end;
  }

  /** Index of the first event at or after `position`. */
  indexOf(position: number): number {
    let low = 0;
    let high = this.#visible;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.position ?? Infinity) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  isVisible(event: RecordedEvent): boolean {
    return event.position < this.end;
  }

  stream(name: string): StreamHistory {
    let stream = this.#streams.get(name);
    if (!stream) this.#streams.set(name, (stream = new StreamHistory(name)));
    return stream;
  }

  append(name: string, expected: ExpectedRevision, events: readonly ProposedEvent[]): AppendOutcome {
    const stream = this.stream(name);
    const ids = events.map((event) => event.id);
    const verdict = checkAppend(stream, expected, ids, this.#recent);
    switch (verdict.kind) {
      case 'deleted':
        return { kind: 'deleted' };
      case 'conflict':
        return { kind: 'conflict', head: stream.head };
      case 'known': {
        // seen with 23.10.6: a batch that is sent again while it is being written
        if (!this.isVisible(verdict.last)) return { kind: 'timed out' };
        const isReadable = Number(verdict.last.revision) >= stream.firstReadable(Date.now());
        const position = isReadable ? verdict.last.position : undefined;
        return { kind: 'appended', revision: Number(verdict.last.revision), position };
      }
      case 'write': {
        const head = stream.head;
        const last = this.#record(name, events);
        if (!last) return { kind: 'appended', revision: head < 0 ? undefined : head, position: this.#end };
        if (stream.isSoftDeleted) this.#truncate(name, BigInt(head + 1));
        return { kind: 'appended', revision: stream.head, position: last.position };
      }
    }
  }

  /** Hides the stream's events, or with `forGood` refuses the name for ever. The position is that of the marker. */
  delete(name: string, expected: ExpectedRevision, forGood: boolean): DeleteOutcome {
    const stream = this.stream(name);
    const verdict = checkAppend(stream, expected, [randomUUID()], this.#recent);
    if (verdict.kind === 'deleted') return { kind: 'deleted' };
    if (verdict.kind === 'conflict' || (stream.head < 0 && !forGood)) return { kind: 'conflict', head: stream.head };
    const marker = forGood ? this.#bury(name) : this.#truncate(name, END_OF_STREAM);
    return { kind: 'appended', revision: undefined, position: marker?.position };
  }

  /** Runs `act` when everything appended so far is durable and visible; at once where there is no file. */
  whenDurable(act: () => void): void {
    if (this.#file) this.#file.afterSync(act);
    else act();
  }

  /** Calls `listener` after new events became visible. Gives the way to stop that. */
  onAppended(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #truncate(name: string, before: bigint): RecordedEvent | undefined {
    return this.#record(`$$${name}`, [systemEvent('$metadata', `{"$tb":${before}}`)]);
  }

  #bury(name: string): RecordedEvent | undefined {
    return this.#record(name, [systemEvent('$streamDeleted', '')], END_OF_STREAM);
  }

  /** Writes one commit and gives its last event. */
  #record(name: string, events: readonly ProposedEvent[], at?: bigint): RecordedEvent | undefined {
    if (events.length === 0) return undefined;
    const created = BigInt(Date.now()) * 10_000n;
    const first = BigInt(this.stream(name).head + 1);
    const commit = events.map((event, index) => {
      const recorded = { ...event, stream: name, revision: at ?? first + BigInt(index), position: this.#end, created };
      this.#take(recorded);
      return recorded;
    });
    for (const event of commit) this.#recent.add(event);
    this.#file?.append(commit);
    const durable = this.#events.length;
    this.whenDurable(() => {
      this.#show(durable);
    });
    return commit.at(-1);
  }

  /** Everything an event changes; the same for a new one and for one found in the file. */
  #take(event: RecordedEvent): void {
    this.#events.push(event);
    this.#end = event.position + sizeInLog(event.stream, event);
    const stream = this.stream(event.stream);
    if (event.revision === END_OF_STREAM) stream.tombstone = event;
    else stream.events.push(event);
    if (event.stream.startsWith('$$') && event.type === '$metadata') this.stream(event.stream.slice(2)).limitBy(event);
  }

  #show(visible: number): void {
    if (visible <= this.#visible) return;
    this.#visible = visible;
    for (const listener of [...this.#listeners]) listener();
  }
}

function systemEvent(type: string, json: string): ProposedEvent {
  return {
    id: randomUUID(),
    type,
    contentType: json === '' ? 'application/octet-stream' : 'application/json',
    data: new Uint8Array(Buffer.from(json)),
    metadata: new Uint8Array(),
  };
}
