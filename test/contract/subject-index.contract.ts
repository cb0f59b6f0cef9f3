import { ComplaintReceived } from '../../src/complaint/events.js';
import type { EventOf } from '../../src/eventstore/envelope.js';
import { instant } from '../../src/platform/moment.js';
import { ProjectionRunner } from '../../src/projection/projection-runner.js';
import type { ProjectionStatus } from '../../src/projection/projections.js';
import { NotYetVisible, UnknownCollection, type ReadModels } from '../../src/readmodels/read-models.js';
import { DocumentSubjectIndex } from '../../src/subject-index/document-subject-index.js';
import { SUBJECT_INDEX, subjectIndexProjection } from '../../src/subject-index/projection.js';
import {
  CursorInvalid,
  NotSearchable,
  type SearchedValues,
  type SearchMatches,
  type SearchPage,
} from '../../src/subject-index/subject-index.js';
import { Terms, type TermsOptions } from '../../src/subject-index/terms.js';
import { eventually } from '../support/eventually.js';
import { decodeJson } from '../support/projections/given.js';
import { fact, MemoryLog } from '../support/projections/memory-log.js';

type Received = EventOf<typeof ComplaintReceived>['data'];

const OPTIONS: TermsOptions = { key: Buffer.alloc(32, 1), phoneRegion: 'CN' };

/** A party with a phone number or an e-mail address. */
const party = (name: string, ...addresses: readonly string[]): Received['parties'][number] => ({
  id: 'a1',
  role: 'complainant',
  authority: 'none',
  name,
  contacts: addresses.map((address) => ({ channel: address.includes('@') ? 'email' : 'phone', address })),
});

/** The contract of {@link SubjectIndex} on one kind of store. @param openStore opens a new, empty store */
export function describeSubjectIndex(name: string, openStore: () => Promise<ReadModels>): void {
  describe(`the index of personal values on ${name}`, () => {
    let log: MemoryLog;
    let store: ReadModels;
    let runner: ProjectionRunner | undefined;
    let terms: Terms;

    beforeEach(async () => {
      log = new MemoryLog();
      store = await openStore();
      terms = new Terms(OPTIONS);
    });
    afterEach(async () => {
      await runner?.stop();
      runner = undefined;
      await store.close();
    });

    /** Records that a complaint was received. */
    const received = (id: string, data: Partial<Received>): string =>
      log.record(
        fact(
          `complaint-${id}`,
          ComplaintReceived({
            reference: id,
            receivedAt: instant('2026-01-05T09:00:00.000Z'),
            channel: 'phone',
            sources: [],
            parties: [],
            points: [{ id: 'p1', subject: {} }],
            ...data,
          }),
        ),
      );

    const status = (): ProjectionStatus | undefined => runner?.status().projections[0];

    /** Starts the projection with these options, and waits until it has folded every event. */
    async function build(options: TermsOptions = OPTIONS): Promise<void> {
      await runner?.stop();
      terms = new Terms(options);
      const stores = [{ readModels: store, catalogue: [subjectIndexProjection(terms)] }];
      runner = new ProjectionRunner({ store: log, decode: decodeJson, stores });
      await runner.start();
      await caughtUp();
    }

    const caughtUp = (): Promise<boolean> =>
      eventually(() => status()?.state === 'live' && status()?.position === (log.events.at(-1)?.position ?? null));

    const search = (values: SearchedValues, page?: SearchPage): Promise<SearchMatches> =>
      new DocumentSubjectIndex(store, subjectIndexProjection(terms), terms).search(values, page);
    const idsOf = async (values: SearchedValues): Promise<readonly string[]> => (await search(values)).ids;

    /** The ids of all pages. */
    async function allIds(values: SearchedValues, limit: number): Promise<string[]> {
      const ids: string[] = [];
      for (let page = await search(values, { limit }); ; page = await search(values, { limit, cursor: page.next })) {
        expect(page.ids.length).toBeLessThanOrEqual(limit);
        ids.push(...page.ids);
        if (page.next === null) return ids;
      }
    }

    test('finds a complaint by each kind of value, in another spelling than the recorded one', async () => {
      received('wang', {
        parties: [party('王小明', '+86 10 5555 0100')],
        points: [{ id: 'p1', subject: { orderId: 'SO-2041-7' } }],
      });
      received('lee', {
        parties: [party('José Lee', 'Jose.Lee@Example.org')],
        channelAccount: 'shop_cn',
        answers: [{ questionId: 'account_number', answer: '6222 0210 0100 1234' }],
      });
      await build();
      for (const values of [
        { name: '小明' },
        { name: '王 小明' },
        { phone: '０１０-５５５５-０１００' },
        { phone: '0086 10 55550100' },
        { order: 'so 2041 7' },
      ])
        expect({ values, ids: await idsOf(values) }).toEqual({ values, ids: ['wang'] });
      for (const values of [
        { name: 'LEE' },
        { name: 'lee jose' },
        { email: 'JOSE.LEE@example.ORG' },
        { account: '6222-0210-0100-1234' },
        { account: 'Shop_CN' },
      ])
        expect({ values, ids: await idsOf(values) }).toEqual({ values, ids: ['lee'] });
      for (const values of [{ name: 'jose maria' }, { name: '小王' }, { phone: '010 5555 0101' }, { order: '6222' }])
        expect({ values, ids: await idsOf(values) }).toEqual({ values, ids: [] });
    });

    test('a value of one kind is not found as another kind', async () => {
      received('one', { points: [{ id: 'p1', subject: { orderId: '13800138000' } }] });
      received('two', { parties: [party('Ann', '13800138000')] });
      await build();
      expect(await idsOf({ order: '13800138000' })).toEqual(['one']);
      expect(await idsOf({ phone: '13800138000' })).toEqual(['two']);
      expect(await idsOf({ account: '13800138000' })).toEqual([]);
    });

    test('a contact with two numbers and a remark is found by each of them', async () => {
      received('both', { parties: [party('Ann', '010-1234 5678 / 139 1234 5678 (wife)')] });
      await build();
      for (const phone of ['+86 10 1234 5678', '13912345678', '010-1234 5678 / 139 1234 5678 (wife)'])
        expect(await idsOf({ phone })).toEqual(['both']);
      expect(await idsOf({ phone: '13912345679' })).toEqual([]);
    });

    test('two words are found only in one name, and values in any party', async () => {
      received('two-names', { parties: [party('Ann Smith'), party('Bob Lee', '13800138000')] });
      await build();
      expect(await idsOf({ name: 'Ann Lee' })).toEqual([]);
      expect(await idsOf({ name: 'Smith Ann', phone: '13800138000' })).toEqual(['two-names']);
    });

    test('all given values must match', async () => {
      received('a', { parties: [party('Ann Lee', '13800138000')] });
      received('b', { parties: [party('Ann Lee', '13900139000')] });
      received('c', { parties: [party('Bob Lee', '13800138000')] });
      await build();
      expect(await idsOf({ name: 'ann lee' })).toEqual(['b', 'a']);
      expect(await idsOf({ phone: '13800138000' })).toEqual(['c', 'a']);
      expect(await idsOf({ name: 'ann lee', phone: '13800138000' })).toEqual(['a']);
      expect(await idsOf({ name: 'ann lee', phone: '13800138000', order: '1' })).toEqual([]);
    });

    test('lists the complaint that was recorded last first, in pages without a gap or a repetition', async () => {
      const ids = Array.from({ length: 23 }, (_, index) => `c${String(index).padStart(2, '0')}`);
      for (const [index, id] of ids.entries())
        received(id, { parties: [party('Ann Lee', index % 2 === 0 ? '13800138000' : '13900139000')] });
      await build();
      const even = ids.filter((_, index) => index % 2 === 0);
      for (const limit of [1, 2, 5, 22, 23, 24]) {
        expect(await allIds({ name: 'ann' }, limit)).toEqual(ids.toReversed());
        expect(await allIds({ name: 'ann lee', phone: '13800138000' }, limit)).toEqual(even.toReversed());
      }
      expect((await search({ name: 'ann' }, { limit: 23 })).next).toBeNull();
    });

    test('reads a limited number of candidates for a page; the cursor continues after them', async () => {
      // two values that more than 2,000 complaints have, but only the first and the last complaint have both
      const [half, last] = [2200, 4400];
      for (let index = 0; index <= last; index++)
        received(`c${String(index)}`, {
          ...((index > half || index === 0) && { parties: [party(index % last === 0 ? 'Bob Lee' : 'Bob')] }),
          ...((index <= half || index === last) && { channelAccount: 'shop' }),
        });
      await build();
      const first = await search({ name: 'bob', account: 'shop' });
      expect(first).toEqual({ ids: [`c${String(last)}`], next: expect.any(String) });
      expect(await search({ name: 'bob', account: 'shop' }, { cursor: first.next ?? '' })).toEqual({
        ids: ['c0'],
        next: null,
      });
      // a value that few complaints have leads to all of them at once
      expect(await search({ name: 'lee', account: 'shop' })).toEqual({ ids: [`c${String(last)}`, 'c0'], next: null });
    });

    test('values that later events add are found as well as the earlier ones', async () => {
      received('a', { parties: [party('Ann', '13800138000')] });
      await build();
      received('a', { parties: [party('Ann', '13900139000')] });
      await caughtUp();
      expect(await idsOf({ phone: '13800138000' })).toEqual(['a']);
      expect(await idsOf({ phone: '13900139000' })).toEqual(['a']);
    });

    test('has no document with a recorded value, and none for a complaint without personal values', async () => {
      received('wang', {
        parties: [party('王芳', '13800138000', 'fang@example.org')],
        points: [{ id: 'p1', subject: { orderId: 'SO2041' } }],
        narrative: 'cold soup',
      });
      received('anonymous', { narrative: 'cold soup' });
      await build();
      const collection = (await store.loadModel(SUBJECT_INDEX))?.live ?? '';
      const documents = await store.find(collection, {});
      expect(documents.map(({ _id }) => _id)).toEqual(['wang']);
      const text = JSON.stringify(documents);
      for (const value of ['王', '芳', '138', 'fang', 'example', '2041', 'soup'])
        expect(text.toLowerCase()).not.toContain(value);
    });

    test('a rebuild gives the same index, and searches go on', async () => {
      received('a', { parties: [party('Ann')] });
      await build();
      expect(await runner?.execute({ kind: 'rebuild', name: SUBJECT_INDEX })).toMatchObject({
        outcome: 'equal',
        swapped: true,
      });
      expect(await idsOf({ name: 'ann' })).toEqual(['a']);
    });

    test('a search whose collection is replaced meanwhile is answered from the new one', async () => {
      received('a', { parties: [party('Ann')] });
      await build();
      let calls = 0;
      const find: ReadModels['find'] = (collection, query) => {
        calls += 1;
        if (calls === 1) return Promise.reject(new UnknownCollection(collection));
        return store.find(collection, query);
      };
      const replaced = { find, count: store.count.bind(store), loadModel: store.loadModel.bind(store) };
      const index = new DocumentSubjectIndex(replaced, subjectIndexProjection(terms), terms);
      expect((await index.search({ name: 'ann' })).ids).toEqual(['a']);
      expect(calls).toBe(2);
    });

    test('cannot be searched before it is built', async () => {
      await expect(search({ name: 'ann' })).rejects.toBeInstanceOf(NotYetVisible);
    });

    test.each([
      ['key', { ...OPTIONS, key: Buffer.alloc(32, 2) }],
      ['region', { ...OPTIONS, phoneRegion: 'GB' }],
    ])(
      'with another %s cannot be searched until it is built anew, and the old one is dropped',
      async (_what, other) => {
        received('a', { parties: [party('Ann', '020 7946 0018')] });
        await build();
        const before = await store.listCollections();
        terms = new Terms(other);
        await expect(search({ name: 'ann' })).rejects.toBeInstanceOf(NotYetVisible);
        await build(other);
        expect(await idsOf({ name: 'ann' })).toEqual(['a']);
        expect(await idsOf({ phone: '+44 20 7946 0018' })).toEqual(other.phoneRegion === 'GB' ? ['a'] : []);
        await eventually(async () => {
          const after = await store.listCollections();
          return after.length === 1 && after[0] !== before[0];
        });
        expect((await store.loadModel(SUBJECT_INDEX))?.kept).toBeNull();
      },
    );

    test('while it is built with another key, its status says that it is not complete', async () => {
      received('a', { parties: [party('Ann')] });
      await build();
      await runner?.stop();
      const other = subjectIndexProjection(new Terms({ ...OPTIONS, key: Buffer.alloc(32, 2) }));
      let continueBuild: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (continueBuild = resolve));
      const readAll: MemoryLog['readAll'] = async (options) => {
        if (options.direction !== 'backwards' && options.limit !== 1) await held;
        return log.readAll(options);
      };
      const slow = new Proxy(log, {
        get: (target, property) => (property === 'readAll' ? readAll : (Reflect.get(target, property) as unknown)),
      });
      const stores = [{ readModels: store, catalogue: [other] }];
      runner = new ProjectionRunner({ store: slow, decode: decodeJson, stores });
      await runner.start();
      await eventually(() => status()?.building !== undefined || status()?.state === 'catching-up');
      expect(status()?.complete).toBe(false);
      continueBuild();
      await caughtUp();
      expect(status()?.complete).toBe(true);
    });

    test('refuses a text that is no value of its kind, and names the kinds', async () => {
      await build();
      const error = await search({ name: '…', phone: 'none', email: 'ann', order: '7' }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(NotSearchable);
      expect((error as NotSearchable).kinds).toEqual(['email', 'phone', 'name']);
      await expect(search({})).rejects.toBeInstanceOf(RangeError);
    });

    const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    test.each([
      'x',
      '',
      encoded(null),
      encoded({}),
      encoded(['1']),
      encoded(['1', 2]),
      encoded(['1', 'a', 'b']),
      encoded(['\ud800', 'a']),
      encoded(['1', 'a\u0000']),
      encoded(['1', '\ud800']),
    ])('refuses the cursor %j', async (cursor) => {
      await build();
      await expect(search({ name: 'ann' }, { cursor })).rejects.toBeInstanceOf(CursorInvalid);
    });
  });
}
