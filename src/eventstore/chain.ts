import { hash } from 'node:crypto';

/** `prevHash` of the first event of every stream. */
export const GENESIS_HASH = '0'.repeat(64);

/** The input of a hash; each part is canonical JSON (RFC 8785), metadata with prevHash and without hash. */
export interface Preimage {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** SHA-256 (lower-case hex) over the canonical JSON of {data, metadata, revision, stream, type}: docs/event-format.md. */
export function hashOf(event: Preimage): string {
  return hash(
    'sha256',
    `{"data":${event.data},"metadata":${event.metadata},"revision":${String(event.revision)}` +
      `,"stream":${JSON.stringify(event.stream)},"type":${JSON.stringify(event.type)}}`,
    'hex',
  );
}

/** The event id: the first 16 bytes of the hash as a UUID of version 8 (RFC 9562), variant bits 10. */
export function eventIdOf(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0b0011) | 0b1000).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Joins canonical JSON values to canonical JSON of an object, with `hash` and without it, in one pass. */
export function joinMetadata(pieces: ReadonlyMap<string, string>, order: readonly string[]): string {
  let text = '';
  for (const key of order) {
    const piece = pieces.get(key);
    if (piece !== undefined) text += `${text === '' ? '{' : ','}${JSON.stringify(key)}:${piece}`;
  }
  return text === '' ? '{}' : `${text}}`;
}
