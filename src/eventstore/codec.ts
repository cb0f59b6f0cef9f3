import type { JsonObject } from '../platform/json.js';
import { eventIdOf, hashOf, joinMetadata } from './chain.js';
import type { DomainEvent, EventMetadata, Recorded } from './envelope.js';
import type { EncodedEvent, StoredEvent } from './event-store.js';
import { canonicalJson } from '../platform/canonical-json.js';

/** Metadata fields that the caller supplies; {@link encodeBatch} adds schema version and hashes. */
export type MetadataDraft = Omit<EventMetadata, 'schemaVersion' | 'prevHash' | 'hash'>;

/** An event to be encoded. */
export interface Draft extends DomainEvent {
  /** Schema version of `data`. */
  readonly version: number;
  /** Fields that replace those of the batch. */
  readonly metadata?: Partial<MetadataDraft>;
}

/** An encoded event with its hash, which is the `prevHash` of the next event of the stream. */
export interface HashedEvent extends EncodedEvent {
  readonly hash: string;
}

/**
 * Encodes the events of one append: canonical JSON, chained hashes, ids. Deterministic: the same arguments give the same
 * bytes, so that a retry of an append with unknown outcome is identical.
 * @param prevHash hash of the event before `firstRevision`; `GENESIS_HASH` for the first event of a stream
 * @throws NotLossless if JSON cannot represent a value without loss; the error has its path
 */
export function encodeBatch(
  stream: string,
  firstRevision: number,
  prevHash: string,
  events: readonly Draft[],
  metadata: MetadataDraft,
): HashedEvent[] {
  canonicalJson(stream, 'stream'); // throws for a name that cannot be encoded
  const shared = encodeMembers(metadata, 'metadata');
  const sharedOrder = keyOrder(shared);
  let previous = prevHash;
  return events.map((event, index) => {
    const members = new Map(shared);
    let order = sharedOrder;
    if (event.metadata !== undefined && Object.keys(event.metadata).length > 0) {
      const path = `events[${String(index)}].metadata`;
      for (const [key, value] of encodeMembers(event.metadata, path)) members.set(key, value);
      order = keyOrder(members);
    }
    members.set('prevHash', `"${previous}"`).set('schemaVersion', String(event.version));
    const data = canonicalJson(event.data, `events[${String(index)}].data`);
    const revision = firstRevision + index;
    const hash = hashOf({ stream, revision, type: event.type, data, metadata: joinMetadata(members, order) });
    members.set('hash', `"${hash}"`);
    previous = hash;
    return { eventId: eventIdOf(hash), type: event.type, data, metadata: joinMetadata(members, order), hash };
  });
}

/** Canonical JSON of each member by key; omits members that are undefined. */
function encodeMembers(metadata: Partial<MetadataDraft>, path: string): Map<string, string> {
  const members = new Map<string, string>();
  for (const [key, value] of Object.entries<unknown>(metadata))
    if (value !== undefined) members.set(key, canonicalJson(value, `${path}.${key}`));
  return members;
}

/** The keys, and those that the encoder adds, sorted by UTF-16 code units (RFC 8785). */
const keyOrder = (members: ReadonlyMap<string, string>): string[] =>
  [...new Set([...members.keys(), 'hash', 'prevHash', 'schemaVersion'])].sort();

/** Converts data of a type from schema version `from` to `from + 1`. `up` is pure and keeps unknown fields. */
export interface Upcaster {
  readonly type: string;
  readonly from: number;
  up(data: JsonObject): JsonObject;
}

/** This version of Redress cannot read a stored event. No later event of its stream may be folded. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  constructor(event: StoredEvent, fault: string, options?: ErrorOptions) {
    super(`${event.type} at revision ${String(event.revision)} of ${event.stream}: ${fault}`, options);
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
  /** The upcasters from version 1 on, in order. */
  readonly steps: readonly Upcaster[];
}

/** Decodes stored events of declared types, and converts their data to the newest schema version of the type. */
export class EventDecoder<E extends DomainEvent = DomainEvent> {
  private readonly types = new Map<string, KnownType<E>>();

  /** @throws Error if a type is declared twice, or if an older schema version does not have exactly one upcaster */
  constructor(
    types: readonly { readonly type: E['type']; readonly version: number }[],
    upcasters: readonly Upcaster[] = [],
  ) {
    for (const { type, version } of types) {
      if (this.types.has(type)) throw new Error(`event type ${type} is declared twice`);
      const steps: Upcaster[] = [];
      for (let from = 1; from < version; from++) {
        const matching = upcasters.filter((upcaster) => upcaster.type === type && upcaster.from === from);
        const [step] = matching;
        if (step === undefined || matching.length > 1)
          throw new Error(`${type} needs one upcaster from version ${String(from)}, not ${String(matching.length)}`);
        steps.push(step);
      }
      this.types.set(type, { type, version, steps });
    }
  }

  knows(type: string): boolean {
    return this.types.has(type);
  }

  /** Newest schema version of a type; new events have this version. @throws Error if the type is not declared */
  versionOf(type: string): number {
    const known = this.types.get(type);
    if (known === undefined) throw new Error(`event type ${type} is not declared`);
    return known.version;
  }

  /** @throws DecodeError for an unknown type or schema version, or if data or metadata is not a JSON object */
  decode(event: StoredEvent): Recorded<E> {
    const known = this.types.get(event.type);
    if (known === undefined) throw new DecodeError(event, 'its type is unknown to this version');
    const metadata = parseObject(event, 'metadata') as unknown as EventMetadata;
    let data = parseObject(event, 'data');
    const version = metadata.schemaVersion;
    if (!(Number.isSafeInteger(version) && version >= 1 && version <= known.version))
      throw new DecodeError(event, `schema version ${String(version)} is unknown to this version`);
    for (let from = version; from < known.version; from++) data = known.steps[from - 1]?.up(data) ?? data;
    const { stream, revision, position, eventId } = event;
    // event.type can be a substring of a whole row, and would keep the text of the row in memory
    return { stream, revision, position, eventId, type: known.type, data, metadata };
  }
}

function parseObject(event: StoredEvent, part: 'data' | 'metadata'): JsonObject {
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
