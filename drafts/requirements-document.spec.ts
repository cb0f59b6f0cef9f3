import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../test/support/doc-snippets.js';

// The table of requirements in docs/domain.md: each is proven by a test that exists, or waits for a part of the product.

const PARTS = ['duplicates', 'clocks', 'access', 'privacy', 'proof', 'channels', 'analytics'];

const rows = readFileSync(join(root, 'docs', 'domain.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| R\d\d /.test(line))
  .map((line) => {
    const [, id = '', , provenBy = '', waitsFor = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { id, proofs: provenBy === '' ? [] : provenBy.split('<br>'), waitsFor };
  });

test('docs/domain.md lists R01 to R73, each once and in order', () => {
  expect(rows.map(({ id }) => id)).toEqual(
    Array.from({ length: 73 }, (_, index) => `R${String(index + 1).padStart(2, '0')}`),
  );
});

test('each requirement is proven by a test or waits for a part of the product', () => {
  for (const { id, proofs, waitsFor } of rows) {
    const parts = waitsFor.replace(/\(.*?\)/g, '').split(',');
    expect([id, proofs.length > 0 || waitsFor !== '']).toEqual([id, true]);
    if (waitsFor !== '')
      for (const part of parts) expect([id, PARTS.includes(part.trim()), part]).toEqual([id, true, part]);
  }
});

test('each test that the table names exists', () => {
  const missing = rows.flatMap(({ id, proofs }) =>
    proofs.flatMap((proof) => {
      const [, path = '', title = ''] = /^`(.+?)`: (.+)$/.exec(proof) ?? [];
      const source = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
      const isThere = ["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
      return title !== '' && isThere ? [] : [`${id}: ${proof}`];
    }),
  );
  expect(missing).toEqual([]);
});
