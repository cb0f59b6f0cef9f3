import canonicalize from 'canonicalize';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBatch, type MetadataDraft } from './codec.js';
import { testUnless } from '../../test/support/skip.js';

interface Row {
  readonly stream: string;
  readonly revision: number;
  readonly eventId: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** Checks the examples of the document with code that is independent of the codec; only the last test uses the codec. */
describe('docs/event-format.md', () => {
  const page = readFileSync(join(__dirname, '../../docs/event-format.md'), 'utf8');
  const blocks = (language: string) =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)\\n\`\`\`$`, 'gm'))].map((match) => match[1] ?? '');
  const rows = blocks('json').map((block) => JSON.parse(block) as Row);
  const hashes = rows.map((row) => (JSON.parse(row.metadata) as { hash: string }).hash);

  const preimage = ({ stream, revision, type, data, metadata }: Row): string => {
    const { hash: _, ...withoutHash } = JSON.parse(metadata) as Record<string, unknown>;
    return canonicalize({ stream, revision, type, data: JSON.parse(data) as unknown, metadata: withoutHash }) ?? '';
  };

  test('has two events of one stream, and the hash input, hash and id of the first', () => {
    expect(rows.map((row) => [row.stream, row.revision])).toEqual([
      ['example-1', 0],
      ['example-1', 1],
    ]);
    expect(blocks('text')).toEqual(rows.slice(0, 1).map(preimage));
    expect(page).toContain(
      `The SHA-256 of these bytes is \`${hashes[0] ?? ''}\`; the id is \`${rows[0]?.eventId ?? ''}\``,
    );
  });

  test('has data and metadata of its examples as canonical JSON', () => {
    for (const row of rows)
      for (const text of [row.data, row.metadata]) expect(canonicalize(JSON.parse(text))).toBe(text);
  });

  test('has the correct hash of each example', () => {
    expect(rows.map((row) => createHash('sha256').update(preimage(row), 'utf8').digest('hex'))).toEqual(hashes);
  });

  test('has the correct id of each example', () => {
    const ids = hashes.map((hash) => {
      const bytes = Buffer.from(hash, 'hex').subarray(0, 16);
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
      return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    });
    expect(ids).toEqual(rows.map((row) => row.eventId));
  });

  test('has the correct prevHash of each example', () => {
    const prevHashes = rows.map((row) => (JSON.parse(row.metadata) as { prevHash: string }).prevHash);
    expect(prevHashes).toEqual(['0'.repeat(64), hashes[0]]);
  });

  const reasonToSkip = pythonWorks() ? undefined : 'python3 is not installed';
  testUnless(reasonToSkip)('has hashes and ids that a Python program computes from it', () => {
    const program = `
import hashlib, json, sys, uuid
for row in json.load(sys.stdin):
    metadata = json.loads(row["metadata"])
    stored = metadata.pop("hash")
    event = {"stream": row["stream"], "revision": row["revision"], "type": row["type"],
             "data": json.loads(row["data"]), "metadata": metadata}
    text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    number = int.from_bytes(digest[:16], "big")
    number = number & ~(0xF << 76) | (8 << 76)
    number = number & ~(0x3 << 62) | (2 << 62)
    print(digest.hex() == stored, str(uuid.UUID(int=number)))
`;
    const output = execFileSync('python3', ['-c', program], { input: JSON.stringify(rows), encoding: 'utf8' });
    expect(output.trim().split('\n')).toEqual(rows.map((row) => `True ${row.eventId}`));
  });

  test('has the same bytes that the codec writes', () => {
    const first = JSON.parse(rows[0]?.metadata ?? '') as Record<string, unknown>;
    const { hash: _, prevHash: __, schemaVersion: ___, ...draft } = first;
    const events = rows.map((row) => ({ type: row.type, version: 1, data: JSON.parse(row.data) as object }));
    const encoded = encodeBatch('example-1', 0, '0'.repeat(64), events, draft as unknown as MetadataDraft);
    expect(encoded.map(({ hash: _hash, ...event }) => event)).toEqual(
      rows.map(({ eventId, type, data, metadata }) => ({ eventId, type, data, metadata })),
    );
  });
});

function pythonWorks(): boolean {
  try {
    execFileSync('python3', ['-c', 'import hashlib, json, uuid'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
