import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../test/support/doc-snippets.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../projections/complaints/query.js';
import { MAX_COUNT, MAX_EXAMINED } from '../../projections/complaints/search.js';
import { MAX_ROWS } from '../../projections/trends/query.js';
import { SPOOL_QUOTA_BYTES } from '../api/streamed-answer.js';
import { MAX_LISTED_LINES } from '../intake-batch/batch-recorder.js';
import { CONNECTION_LIMITS } from '../platform/http/slow-connections.js';

const { headersMs, bodyMs, streamRate, maxOpenStreams, idleMs } = CONNECTION_LIMITS;
const seconds = (milliseconds: number): string => `${String(milliseconds / 1000)} seconds`;

/** What the second column of a row begins with, by its first column; empty for a share of the heap. */
const LIMITS: Readonly<Record<string, string>> = {
  'headers of a request': seconds(headersMs),
  'body of a request': seconds(bodyMs),
  'body of a bulk request': `at least ${String(streamRate.bytes)} bytes in ${seconds(streamRate.waitMs)}`,
  'commands in progress in one process, also those that wait': '',
  'bulk requests of one credential at the same time': `${String(maxOpenStreams)};`,
  'bodies of other requests in memory': '',
  'complaint files, histories and trends in memory, until the client has read them': '',
  'nothing is sent or received between two requests, in an answer or in a bulk request': seconds(idleMs),
  'results of bulk requests that wait on disk, for each credential': `${String(SPOOL_QUOTA_BYTES / 1024 ** 2)} MiB;`,
  'rejected lines that a batch lists': `the first ${MAX_LISTED_LINES.toLocaleString('en')}`,
  'rows of an answer of trends': `${MAX_ROWS.toLocaleString('en')};`,
};

const documentOf = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8');

test('the table of limits in docs/operations.md has the limits of the source', () => {
  const [, section = ''] = documentOf('operations.md').split('\n## Limits for slow and large requests\n');
  const [table = ''] = section.trimStart().split('\n\n');
  const rows = table
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.map(([, what = '']) => what)).toEqual(Object.keys(LIMITS));
  for (const [, what = '', limit = ''] of rows) {
    const expected = LIMITS[what] ?? '';
    expect({ what, limit: limit.slice(0, expected.length) }).toEqual({ what, limit: expected });
  }
});

test('the documents have the bounds of a search for complaints', () => {
  const number = (value: number): string => value.toLocaleString('en');
  expect(documentOf('errors.md')).toContain(`those that the query would examine (${number(MAX_EXAMINED)});`);
  const handlers = documentOf('handlers.md').replace(/\s+/g, ' ');
  expect(handlers).toContain(
    `up to ${number(MAX_PAGE_SIZE)} complaints (\`limit\`, default ${number(DEFAULT_PAGE_SIZE)})`,
  );
  expect(handlers).toContain(`\`count=true\` counts the matches, up to ${number(MAX_COUNT)}.`);
});
