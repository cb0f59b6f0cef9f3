import type { Document, RejectedDocument, WriteResult } from '../../src/readmodels/read-models.js';
import { MAX_DOCUMENT_BYTES } from '../../src/readmodels/write-checks.js';
import { added, at, COLLECTION, INDEXES, type ReadModelsFixture } from '../support/read-models/fixture.js';

/** The result of a write names each document that the read models reject, with a reason. Others can be written. */
export function describeRejections(world: ReadModelsFixture): void {
  const { given, write, matching } = world;

  describe('rejected documents', () => {
    const KEYS = 'keys@1.1';
    /** A text in documents; no message may quote it. */
    const SECRET = 'a secret text';

    beforeEach(async () => {
      await given({ _id: 'old' });
      await world.session.createCollection(KEYS, [{ fields: { key: 1 }, unique: true }]);
      const keys = added([{ _id: 'owner', _position: '1', key: SECRET }]);
      await world.writeAll([{ collection: KEYS, writes: keys }], at('1'), at('1'));
    });

    /** The rejected documents of a result, after a check that their messages do not quote the text of a document. */
    const rejectedDocuments = (result: WriteResult): Omit<RejectedDocument, 'message'>[] => {
      if (result.outcome !== 'rejected') throw new Error(`expected the outcome rejected, found ${result.outcome}`);
      return result.documents.map(({ message, ...document }) => {
        expect(message).not.toContain(SECRET);
        expect(message).not.toHaveLength(0);
        return document;
      });
    };
    const large = (_id: string): Document => ({ _id, _position: '2', text: 'x'.repeat(MAX_DOCUMENT_BYTES) });

    test.each<[string, RejectedDocument['reason'], string, Document]>([
      ['is too large', 'too_large', COLLECTION, large('bad')],
      ['contains U+0000', 'text', COLLECTION, { _id: 'bad', _position: '2', note: `${SECRET}\0` }],
      ['contains U+0000 in a field with an index', 'text', COLLECTION, { _id: 'bad', _position: '2', handler: 'x\0' }],
      ['contains a lone surrogate', 'text', COLLECTION, { _id: 'bad', _position: '2', deep: [{ n: 'x\ud800' }] }],
      [
        'contains a lone surrogate in the name of an inner field',
        'text',
        COLLECTION,
        { _id: 'bad', _position: '2', deep: [{ 'n\udc00': 1 }] },
      ],
      ['contains U+0000 in the name of a field', 'text', COLLECTION, { _id: 'bad', _position: '2', 'n\0': 1 }],
      ['contains U+0000 in its id', 'text', COLLECTION, { _id: 'bad\0', _position: '2' }],
      ['has the unique values of another document', 'unique', KEYS, { _id: 'bad', _position: '2', key: SECRET }],
      ['has an array in a unique index', 'unique', KEYS, { _id: 'bad', _position: '2', key: ['x'] }],
    ])('if a document of a batch %s, the result names only this document', async (_, reason, collection, bad) => {
      const good = added([
        { _id: 'first', _position: '2', key: 1 },
        { _id: 'last', _position: '2', key: 2 },
      ]);
      const changes = (writes: typeof good) => [{ collection, writes }];
      const [before, after] = [good.slice(0, 1), good.slice(1)];
      const result = await world.writeAll(changes([...before, ...added([bad]), ...after]));
      expect(rejectedDocuments(result)).toEqual([{ collection, id: bad._id, reason }]);
      expect(await world.models.loadCheckpoint(COLLECTION)).toEqual(at('1'));
      // nor is a document stored under the same id without U+0000
      expect(await world.models.count(collection, { _id: bad._id.replace('\0', '') })).toBe(0);
      expect(await world.writeAll(changes(good))).toEqual({ outcome: 'written' });
      expect(await world.models.getMany(collection, ['first', 'last'])).toHaveLength(2);
    });

    test('the result names all rejected documents of all collections of the batch', async () => {
      const bad = added([large('large'), { _id: 'text', _position: '2', note: '\ud800' }]);
      const keys = added([
        { _id: 'twice', _position: '2', key: SECRET },
        { _id: 'good', _position: '2', key: 'k' },
      ]);
      const result = await world.writeAll([
        { collection: COLLECTION, writes: bad },
        { collection: KEYS, writes: keys },
      ]);
      expect(rejectedDocuments(result)).toEqual([
        { collection: COLLECTION, id: 'large', reason: 'too_large' },
        { collection: COLLECTION, id: 'text', reason: 'text' },
        { collection: KEYS, id: 'twice', reason: 'unique' },
      ]);
    });

    test('a document with unique values is not rejected when its batch is repeated', async () => {
      const writes = added([{ _id: 'next', _position: '2', key: 'k' }]);
      const writeBatch = () => world.writeAll([{ collection: KEYS, writes }]);
      for (let time = 1; time <= 2; time++) expect(await writeBatch()).toEqual({ outcome: 'written' });
    });

    test('if two documents of a batch have the same unique values, the result names exactly one of them', async () => {
      const writes = ['a', 'b'].map((_id) => ({ _id, _position: '2', key: 'same' }));
      const documents = rejectedDocuments(await world.writeAll([{ collection: KEYS, writes: added(writes) }]));
      expect(documents).toHaveLength(1);
      expect(documents[0]).toMatchObject({ collection: KEYS, reason: 'unique' });
    });

    test('a document can be written with unique values that another document of the same batch gives up', async () => {
      const givesUp = { id: 'owner', loaded: '1', document: { _id: 'owner', _position: '2', key: 'other' } };
      const takesOver = added([{ _id: 'next', _position: '2', key: SECRET }]);
      const result = await world.writeAll([{ collection: KEYS, writes: [...takesOver, givesUp] }]);
      expect(result).toEqual({ outcome: 'written' });
      expect(await world.models.find(KEYS, { filter: { key: SECRET } })).toMatchObject([{ _id: 'next' }]);
    });

    test('a document just below the size limit is written', async () => {
      const text = 'x'.repeat(MAX_DOCUMENT_BYTES - 200); // the other fields have less than 200 bytes
      expect(await write(added([{ _id: 'large', _position: '2', text }]))).toEqual({ outcome: 'written' });
      expect(await matching({ _id: 'large' })).toEqual(['large']);
    });

    test('a batch with a conflict and rejected documents has the outcome conflict', async () => {
      await world.session.createCollection(COLLECTION, INDEXES);
      const stale = added([large('large'), { _id: 'old', _position: '2', note: '\0' }]);
      expect(await write(stale)).toEqual({ outcome: 'conflict', ids: ['old'] });
    });
  });
}
