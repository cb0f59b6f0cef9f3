import { randomUUID } from 'node:crypto';
import { checkAppend, RecentIds, type ExpectedRevision } from './append-check.js';
import type { LogFile } from './log-file.js';
import { END_OF_STREAM, sizeInLog, type ProposedEvent, type RecordedEvent } from './recorded-event.js';
import { StreamHistory } from './stream-history.js';

export type AppendOutcome =
  /**
   * `revision`: of the last event; undefined after an append without events to a stream without events, and after a
   * delete. `position`: of the last event; undefined if a delete or a limit hides it.
   */
  | { readonly kind: 'appended'; readonly revision: number | undefined; readonly position: number | undefined }
  /** `head`: revision of the stream's last event, -1 if it has none. */
  | { readonly kind: 'conflict'; readonly head: number }
  /** The stream is deleted, so that the expectation of the client cannot hold. */
  | { readonly kind: 'deleted' }
  /** The server stopped waiting for the write. The client cannot tell whether the events are stored. */
  | { readonly kind: 'timed out' };

/** A delete never times out. */
export type DeleteOutcome = Exclude<AppendOutcome, { kind: 'timed out' }>;

const TICKS_PER_MILLISECOND = 10_000n;

/** Position of the first event in a new log, in bytes. Records that are not events (chunk header, epoch) precede it. */
const FIRST_POSITION = 1_227;

/** The log of the whole database, with its streams and the listeners for new events. */
export class EventLog {
  readonly #file: LogFile | undefined;
  readonly #events: RecordedEvent[] = [];
  readonly #streams = new Map<string, StreamHistory>();
  readonly #recentIds: RecentIds;
  readonly #listeners = new Set<() => void>();
  /** How many of #events readers can see: those that are on disk. */
  #visible = 0;
  #end = FIRST_POSITION;

  constructor(commits: readonly (readonly RecordedEvent[])[] = [], file?: LogFile, recentIds = new RecentIds()) {
    this.#file = file;
    this.#recentIds = recentIds;
    for (const commit of commits) for (const event of commit) this.#add(event);
    if (this.#events.length === 0) this.#write('$$$scavenges', [systemEvent('$metadata', '{"$maxAge":2592000}')]);
    this.#visible = this.#events.length;
  }

  /** Number of events that readers can see. */
  get length(): number {
    return this.#visible;
  }

  /** The `index`th visible event of the log. */
  at(index: number): RecordedEvent | undefined {
    return index < this.#visible ? this.#events[index] : undefined;
  }

  /** Position at which the event after the last visible event begins, or will begin. */
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

  /** Readers can see an event after it is on disk. */
  isVisible(event: RecordedEvent): boolean {
    return event.position < this.end;
  }

  /** The history of the stream; an empty one for a new name. */
  stream(name: string): StreamHistory {
    let stream = this.#streams.get(name);
    if (!stream) this.#streams.set(name, (stream = new StreamHistory(name)));
    return stream;
  }

  append(name: string, expected: ExpectedRevision, events: readonly ProposedEvent[]): AppendOutcome {
    const stream = this.stream(name);
    const ids = events.map((event) => event.id);
    const verdict = checkAppend(stream, expected, ids, this.#recentIds);
    switch (verdict.kind) {
      case 'deleted':
        return { kind: 'deleted' };
      case 'conflict':
        return { kind: 'conflict', head: stream.head };
      case 'already stored': {
        // As 23.10.6 answers a batch that is sent again before the first attempt is on disk.
        if (!this.isVisible(verdict.last)) return { kind: 'timed out' };
        const isReadable = Number(verdict.last.revision) >= stream.firstReadable(Date.now());
        const position = isReadable ? verdict.last.position : undefined;
        return { kind: 'appended', revision: Number(verdict.last.revision), position };
      }
      case 'write': {
        const head = stream.head;
        const last = this.#write(name, events);
        if (!last) return { kind: 'appended', revision: head < 0 ? undefined : head, position: this.#end };
        if (stream.isSoftDeleted) this.#writeTruncation(name, BigInt(head + 1));
        return { kind: 'appended', revision: stream.head, position: last.position };
      }
    }
  }

  /**
   * Deletes a stream. A soft delete hides its events. After a hard delete, the server rejects appends to the stream.
   * The outcome has the position of the event that records the delete.
   */
  delete(name: string, expected: ExpectedRevision, isHard: boolean): DeleteOutcome {
    const stream = this.stream(name);
    const verdict = checkAppend(stream, expected, [randomUUID()], this.#recentIds);
    if (verdict.kind === 'deleted') return { kind: 'deleted' };
    if (verdict.kind === 'conflict' || (stream.head < 0 && !isHard)) return { kind: 'conflict', head: stream.head };
    const marker = isHard ? this.#writeTombstone(name) : this.#writeTruncation(name, END_OF_STREAM);
    return { kind: 'appended', revision: undefined, position: marker?.position };
  }

  /** Runs `act` when everything appended so far is durable and visible. Without a file, runs it at once. */
  whenDurable(act: () => void): void {
    if (this.#file) this.#file.afterSync(act);
    else act();
  }

  /** Calls `listener` each time new events have become visible. Returns a function that removes the listener. */
  onAppended(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hides the events of the stream before the revision `before`. */
  #writeTruncation(name: string, before: bigint): RecordedEvent | undefined {
    return this.#write(`$$${name}`, [systemEvent('$metadata', `{"$tb":${before}}`)]);
  }

  #writeTombstone(name: string): RecordedEvent | undefined {
    return this.#write(name, [systemEvent('$streamDeleted', '')], END_OF_STREAM);
  }

  /**
   * Writes one commit and returns its last event, undefined if there are no events.
   * @param fixedRevision revision of the events, instead of the next revisions of the stream
   */
  #write(name: string, events: readonly ProposedEvent[], fixedRevision?: bigint): RecordedEvent | undefined {
    if (events.length === 0) return undefined;
    const created = BigInt(Date.now()) * TICKS_PER_MILLISECOND;
    const firstRevision = BigInt(this.stream(name).head + 1);
    const commit = events.map((event, index) => {
      const recorded = {
        ...event,
        stream: name,
        revision: fixedRevision ?? firstRevision + BigInt(index),
        position: this.#end,
        created,
      };
      this.#add(recorded);
      return recorded;
    });
    for (const event of commit) this.#recentIds.add(event);
    this.#file?.append(commit);
    const length = this.#events.length;
    this.whenDurable(() => {
      this.#makeVisible(length);
    });
    return commit.at(-1);
  }

  /** Adds an event, new or read from the file, to the log and to its stream. */
  #add(event: RecordedEvent): void {
    this.#events.push(event);
    this.#end = event.position + sizeInLog(event.stream, event);
    const stream = this.stream(event.stream);
    if (event.revision === END_OF_STREAM) stream.tombstone = event;
    else stream.events.push(event);
    if (event.stream.startsWith('$$') && event.type === '$metadata')
      this.stream(event.stream.slice(2)).applyMetadata(event);
  }

  /** Makes the first `count` events of the log visible. */
  #makeVisible(count: number): void {
    if (count <= this.#visible) return;
    this.#visible = count;
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
