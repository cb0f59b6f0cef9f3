import { createHash } from 'node:crypto';
import { Digests } from './digest.js';
import type { Document } from './read-models.js';

const digestsOf = (documents: readonly Document[], leftOutPaths: readonly string[] = []) => {
  const digests = new Digests(leftOutPaths);
  for (const document of documents) digests.add(document);
  return digests.end();
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const complaint: Document = {
  _id: 'c1',
  _position: '7',
  recordedAt: '2026-11-22',
  points: [
    { product: 'loan', decidedAt: 1, by: { id: 'x', at: 2 } },
    { product: 'card', decidedAt: 3 },
  ],
  byDay: { mon: { at: 1, n: 2 }, tue: { at: 5, n: 3 } },
};

describe('the digest of documents', () => {
  test('is the SHA-256 of one line of canonical JSON per document, without _position and tombstones', () => {
    const documents: Document[] = [
      { _id: 'a', _position: '3', z: 1, b: { y: 'é', x: null } },
      { _id: 'b', _position: '9', _deleted: true },
      { _id: 'c', _position: '4' },
    ];
    expect(digestsOf(documents).digest).toBe(sha256('{"_id":"a","b":{"x":null,"y":"é"},"z":1}\n{"_id":"c"}\n'));
    expect(digestsOf([]).digest).toBe(sha256(''));
  });

  test('includes a field _position that is nested in another field', () => {
    expect(digestsOf([{ _id: 'a', _position: '1', in: { _position: '2' } }]).digest).toBe(
      sha256('{"_id":"a","in":{"_position":"2"}}\n'),
    );
  });

  test.each<[readonly string[], string]>([
    [['recordedAt', 'points', 'byDay'], '{"_id":"c1"}'],
    [
      ['recordedAt', 'byDay', 'points.*.decidedAt', 'points.*.by.at'],
      '{"_id":"c1","points":[{"by":{"id":"x"},"product":"loan"},{"product":"card"}]}',
    ],
    [['recordedAt', 'points.*', 'byDay.*.at'], '{"_id":"c1","byDay":{"mon":{"n":2},"tue":{"n":3}},"points":[]}'],
    [
      ['recordedAt', 'points', 'byDay.mon', 'byDay.*.n', 'byDay.tue.at.deeper', 'none.at.all'],
      '{"_id":"c1","byDay":{"tue":{"at":5}}}',
    ],
    [['*.mon', 'byDay', 'byDay.tue', 'points', 'recordedAt'], '{"_id":"c1"}'],
  ])('leaves out the paths %j from `contentDigest` only, in whatever order they are given', (leftOutPaths, line) => {
    const { digest } = digestsOf([complaint]);
    const expected = { documents: 1, digest, contentDigest: sha256(`${line}\n`) };
    expect(digestsOf([complaint], leftOutPaths)).toEqual(expected);
    expect(digestsOf([complaint], [...leftOutPaths].reverse())).toEqual(expected);
  });

  test('does not change the document objects when it leaves out fields', () => {
    const before = JSON.stringify(complaint);
    digestsOf([complaint], ['points.*.by', 'byDay.*']);
    expect(JSON.stringify(complaint)).toBe(before);
  });

  test('throws an error when documents are not added in the order of their _id', () => {
    expect(() =>
      // in the order of UTF-16, not of UTF-8
      digestsOf([
        { _id: '😀', _position: '1' },
        { _id: '\uffee', _position: '1' },
      ]),
    ).toThrow('out of order');
  });
});
