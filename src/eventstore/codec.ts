import type { JsonObject } from '../platform/json.js';
import { eventIdOf, hashOf, joinMetadata } from './chain.js';
import type { DomainEvent, EventMetadata, Recorded } from './envelope.js';
import type { EncodedEvent, StoredEvent } from './event-store.js';
import { canonicalJson } from '../platform/canonical-json.js';

/** Envelope fields that the caller supplies; {@link encodeBatch} adds version and chain. */
export type MetadataDraft = Omit<EventMetadata, 'schemaVersion' | 'prevHash' | 'hash'>;

/** An event to be encoded, with the schema version of its type and its deviations from the metadata of the batch. */
export interface Draft extends DomainEvent {
  readonly version: number;
  readonly metadata?: Partial<MetadataDraft>;
}

/** `hash` is the prevHash of the next event of the stream. */
export interface HashedEvent extends EncodedEvent {
  readonly hash: string;
}

/**
 * Encodes a batch into the stored bytes: canonical JSON, chained hashes, ids. Deterministic: the same arguments give
 * the same bytes, so that a retry of a batch with unknown outcome is identical.
 * @param prevHash hash of the event before `firstRevision`, `GENESIS_HASH` for the first event of a stream
 * @throws NotLossless when JSON cannot represent a value without loss, naming its path
 */
export function encodeBatch(
  stream: string,
  firstRevision: number,
  prevHash: string,
  events: readonly Draft[],
  metadata: MetadataDraft,
): HashedEvent[] {
  canonicalJson(stream, 'stream');
  const shared = pieces(metadata, 'metadata');
  const sharedOrder = sortedEntries(shared);
  let previous = prevHash;
  return events.map((event, index) => {
    const own = new Map(shared);
    let order = sharedOrder;
    if (event.metadata !== undefined) {
      for (const [key, piece] of pieces(event.metadata, `events[${String(index)}].metadata`)) own.set(key, piece);
      order = sortedEntries(own);
    }
    own.set('prevHash', `"${previous}"`).set('schemaVersion', String(event.version));
    const data = canonicalJson(event.data, `events[${String(index)}].data`);
    const revision = firstRevision + index;
    const hash = hashOf({ stream, revision, type: event.type, data, metadata: joinMetadata(own, order) });
    own.set('hash', `"${hash}"`);
    previous = hash;
    return { eventId: eventIdOf(hash), type: event.type, data, metadata: joinMetadata(own, order), hash };
  });
}

/** Canonical JSON of each member by key; omits members that are undefined. */
function pieces(metadata: Partial<MetadataDraft>, path: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const [key, value] of Object.entries<unknown>(metadata))
    if (value !== undefined) map.set(key, canonicalJson(value, `${path}.${key}`));
  return map;
}

/** Keys sorted by UTF-16 code units (RFC 8785), including placeholders for values that are set later. */
const sortedEntries = (map: ReadonlyMap<string, string>): string[] =>
  [...new Set([...map.keys(), 'hash', 'prevHash', 'schemaVersion'])].sort();

/** Converts data from schema version `from` to `from + 1`. Pure; keeps unknown fields. */
export interface Upcaster {
  readonly type: string;
  readonly from: number;
  up(data: JsonObject): JsonObject;
}

/** A stored event that this version cannot read; no later event of its stream may be folded. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  constructor(event: StoredEvent, what: string, options?: ErrorOptions) {
    super(`${event.type} at revision ${String(event.revision)} of ${event.stream}: ${what}`, options);
    this.stream = event.stream;
    this.revision = event.revision;
    this.type = event.type;
  }
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
}

interface KnownType<E extends DomainEvent> {
  readonly type: E['type'];
  /** The newest schema version. */
  readonly version: number;
  readonly steps: readonly Upcaster[];
}

/** Decodes stored events of the known types; converts data to the newest schema version of the type. */
export class EventDecoder<E extends DomainEvent = DomainEvent> {
  private readonly types = new Map<string, KnownType<E>>();

  /** @throws Error when a type is declared twice or an older version has no upcaster */
  constructor(
    types: readonly { readonly type: E['type']; readonly version: number }[],
    upcasters: readonly Upcaster[] = [],
  ) {
    for (const { type, version } of types) {
      if (this.types.has(type)) throw new Error(`event type ${type} is declared twice`);
      const steps: Upcaster[] = [];
      for (let from = 1; from < version; from++) {
        const found = upcasters.filter((upcaster) => upcaster.type === type && upcaster.from === from);
        if (found[0] === undefined || found.length > 1)
          throw new Error(`${type} needs one upcaster from version ${String(from)}, not ${String(found.length)}`);
        steps.push(found[0]);
      }
      this.types.set(type, { type, version, steps });
    }
  }

  knows(type: string): boolean {
    return this.types.has(type);
  }

  /** Newest schema version of a type, used for writing. @throws Error for an unknown type */
  versionOf(type: string): number {
    const known = this.types.get(type);
    if (known === undefined) throw new Error(`event type ${type} is not declared`);
    return known.version;
  }

  /** @throws DecodeError for an unknown type, a version newer than this one, or text that is not a JSON object */
  decode(event: StoredEvent): Recorded<E> {
    const known = this.types.get(event.type);
    if (known === undefined) throw new DecodeError(event, 'its type is unknown to this version');
    const metadata = parsed(event, 'metadata') as unknown as EventMetadata;
    let data = parsed(event, 'data');
    const version = metadata.schemaVersion;
    if (!(Number.isSafeInteger(version) && version >= 1 && version <= known.version))
      throw new DecodeError(event, `schema version ${String(version)} is unknown to this version`);
    for (let from = version; from < known.version; from++) data = known.steps[from - 1]?.up(data) ?? data;
    const { stream, revision, position, eventId } = event;
    // the declared name: a substring of the row text would keep the whole text in memory
    return { stream, revision, position, eventId, type: known.type, data, metadata };
  }
}

function parsed(event: StoredEvent, part: 'data' | 'metadata'): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(event[part]);
  } catch (error) {
    throw new DecodeError(event, `its ${part} is not JSON`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DecodeError(event, `its ${part} is not a JSON object`);
  return value as JsonObject;
}
