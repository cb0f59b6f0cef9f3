import { hash } from 'node:crypto';

/** `prevHash` of the first event of every stream. */
export const GENESIS_HASH = '0'.repeat(64);

/** The input of a hash. `data` and `metadata` are canonical JSON (RFC 8785); `metadata` has `prevHash` and no `hash`. */
export interface Preimage {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** SHA-256 (lower-case hex) of the canonical JSON of {data, metadata, revision, stream, type}, see docs/event-format.md. */
export function hashOf(event: Preimage): string {
  return hash(
    'sha256',
    `{"data":${event.data},"metadata":${event.metadata},"revision":${String(event.revision)}` +
      `,"stream":${JSON.stringify(event.stream)},"type":${JSON.stringify(event.type)}}`,
    'hex',
  );
}

/** The event id: the first 16 bytes of the hash (hex) as a UUID of version 8, variant 0b10 (RFC 9562). */
export function eventIdOf(eventHash: string): string {
  const variant = ((Number.parseInt(eventHash.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
  const parts = [
    eventHash.slice(0, 8),
    eventHash.slice(8, 12),
    `8${eventHash.slice(13, 16)}`,
    `${variant}${eventHash.slice(17, 20)}`,
    eventHash.slice(20, 32),
  ];
  return parts.join('-');
}

/** Writes the members as one JSON object, in the given order. Their values are canonical JSON. Skips keys without member. */
export function joinMetadata(members: ReadonlyMap<string, string>, order: readonly string[]): string {
  let text = '';
  for (const key of order) {
    const value = members.get(key);
    if (value !== undefined) text += `${text === '' ? '{' : ','}${JSON.stringify(key)}:${value}`;
  }
  return text === '' ? '{}' : `${text}}`;
}
