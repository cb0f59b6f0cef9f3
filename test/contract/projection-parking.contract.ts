import { setTimeout as pause } from 'node:timers/promises';

import type { ProjectionRunner } from '../../src/projection/projection-runner.js';
import type { Projection } from '../../src/projection/projection.js';
import { OperationInProgress } from '../../src/projection/operations.js';
import { StoreUnavailable } from '../../src/eventstore/event-store.js';
import type { ModelChange } from '../../src/readmodels/read-models.js';
import type { FaultyReadModels } from '../support/projections/faulty-read-models.js';
import { accounts, AccountsWorld, booked, neverFails, statusOf, until } from '../support/projections/accounts.js';

const by = { type: 'person', id: 'sam' };
const at = '2026-01-06T10:00:00.000Z';
const skipDetails = { reason: 'entered by mistake, see case 7', by, at };

/**
 * What the projection runner does with events that cannot be folded. The tests must pass on every engine of read models.
 * @param open returns new, empty read models
 */
export function describeParking(engine: string, open: () => FaultyReadModels | Promise<FaultyReadModels>): void {
  describe(`parking on ${engine}`, () => {
    let world: AccountsWorld;
    let log: AccountsWorld['log'];
    let readModels: AccountsWorld['readModels'];
    /** Types of events that cannot be folded. A test changes this set in order to mend or break the projection. */
    let failing: Set<string>;
    /** Message of the error with which folding fails. */
    let reason: string;
    let projection: Projection;

    beforeEach(async () => {
      world = new AccountsWorld(await open());
      ({ log, readModels } = world);
      failing = new Set(['Boom', 'Bang']);
      reason = 'cannot be folded';
      projection = accounts((type) => failing.has(type) && reason);
    });

    afterEach(() => world.close());

    const startRunner = () => world.startRunner([projection]);
    const parkedDocuments = async (projections: ProjectionRunner) =>
      (await projections.execute({ kind: 'parked', name: 'accounts' })).documents;

    /**
     * Records amounts for account a (1, then 9 in an event of type Boom, then 2, 3) and account b (4), and waits until
     * they are folded or parked. The digits of a balance are the folded amounts in order: all of account a give 1923.
     */
    async function startWithParkedAccount() {
      log.record(booked('a', 1));
      const boomPosition = log.record(booked('a', 9, 'Boom'));
      log.record(booked('b', 4), booked('a', 2), booked('a', 3));
      const projections = await startRunner();
      await world.untilCaughtUp(projections);
      return { projections, boomPosition };
    }

    describe('an event that cannot be folded, if each document depends on one stream', () => {
      test('is parked with all later events of its document, while other documents change and the checkpoint moves', async () => {
        const { projections, boomPosition } = await startWithParkedAccount();
        expect(await world.balance('a')).toBe(1);
        expect(await world.balance('b')).toBe(4);
        log.record(booked('b', 6));
        await world.untilCaughtUp(projections);
        const last = log.record(booked('a', 5));
        await world.untilCaughtUp(projections);
        const checkpoint = await readModels.port.loadCheckpoint(statusOf(projections).collection ?? '');
        expect(checkpoint?.position).toBe(last);
        expect(await world.balance('a')).toBe(1);
        expect(await world.balance('b')).toBe(46);
        expect(await parkedDocuments(projections)).toEqual([
          {
            document: 'account-a',
            position: boomPosition,
            stream: 'account-a',
            revision: 1,
            type: 'Boom',
            recordedAt: '2026-01-05T09:00:02.000Z',
            error: 'Error: cannot be folded',
            events: 4,
          },
        ]);
      });

      test('is not parked if it can be folded at the third attempt', async () => {
        let tries = 0;
        projection = accounts((type) => {
          if (type !== 'Boom') return false;
          tries += 1;
          return tries < 3 && reason;
        });
        const { projections } = await startWithParkedAccount();
        expect(tries).toBe(3);
        expect(await parkedDocuments(projections)).toEqual([]);
        expect(await world.balance('a')).toBe(1923);
      });

      test('makes the projections degraded, not unhealthy, and is counted', async () => {
        const { projections, boomPosition } = await startWithParkedAccount();
        expect(projections.status()).toMatchObject({ healthy: true, degraded: true });
        const oldest = { position: boomPosition, recordedAt: '2026-01-05T09:00:02.000Z' };
        expect(statusOf(projections).parked).toEqual({ documents: 1, events: 3, oldest });
      });

      test('is parked without any of its content', async () => {
        const { projections } = await startWithParkedAccount();
        await projections.stop();
        const stored = (await readModels.port.loadModel('accounts'))?.parked ?? [];
        const event = ['document', 'position', 'stream', 'revision', 'type', 'recordedAt'];
        expect(stored.map((entry) => Object.keys(entry).sort())).toEqual([
          [...event, 'error', 'events', 'through'].sort(),
        ]);
      });

      test('is still parked after a restart, and later events are parked behind it', async () => {
        const { projections } = await startWithParkedAccount();
        await projections.stop();
        failing.clear();
        log.record(booked('a', 5), booked('b', 6));
        const again = await startRunner();
        await world.untilCaughtUp(again);
        expect(await world.balance('a')).toBe(1);
        expect(await world.balance('b')).toBe(46);
        expect(statusOf(again).parked).toMatchObject({ documents: 1, events: 4 });
      });

      test('is parked independently of the parked events of other documents', async () => {
        log.record(booked('a', 1, 'Boom'), booked('b', 1, 'Bang'), booked('b', 2), booked('a', 2), booked('c', 3));
        const projections = await startRunner();
        await world.untilCaughtUp(projections);
        expect((await parkedDocuments(projections)).map(({ document, events }) => [document, events])).toEqual([
          ['account-a', 2],
          ['account-b', 2],
        ]);
        failing.delete('Bang');
        expect(await projections.execute({ kind: 'retry', name: 'accounts' })).toMatchObject({
          documents: [
            { document: 'account-a', folded: 0, waiting: 2 },
            { document: 'account-b', folded: 2, waiting: 0 },
          ],
        });
        expect(await world.balance('b')).toBe(12);
      });

      test('halts the projection if it cannot be decoded, because its document is unknown', async () => {
        log.record(booked('a', 1), booked('a', 1, 'Odd'));
        const projections = await world.startRunner([projection], {
          decode: (event) => {
            if (event.type === 'Odd') throw new Error('unknown type');
            return { ...event, data: JSON.parse(event.data) as object, metadata: JSON.parse(event.metadata) as never };
          },
        });
        await until(() => statusOf(projections).state === 'halted');
        expect(await parkedDocuments(projections)).toEqual([]);
      });

      test('halts the projection if too many documents would be parked, because the fault is not in one event', async () => {
        projection = { ...projection, keys: ({ stream }) => ['1', '2', '3'].map((part) => `${stream}-${part}`) };
        failing.add('Booked');
        log.record(booked('a', 1), booked('b', 1));
        const projections = await world.startRunner([projection], { limits: { maxParked: 6 } });
        await world.untilCaughtUp(projections);
        expect(statusOf(projections).parked).toMatchObject({ documents: 6, events: 6 });
        log.record(booked('c', 1));
        await until(() => statusOf(projections).state === 'halted');
        expect(statusOf(projections)).toMatchObject({ halt: { reason: 'evolve_failed' }, parked: { documents: 6 } });
      });
    });

    describe('a crash loses no event and folds no event twice', () => {
      /**
       * Makes every write fail, beginning with the first change of the parked documents that matches.
       * @param side whether that change fails before it is stored, or after it is stored
       */
      function crashAt(
        matches: (parked: NonNullable<ModelChange['parked']>) => boolean,
        side: 'before' | 'after',
      ): void {
        let hasCrashed = false;
        readModels.interceptChange = async ({ parked }, apply) => {
          if (!hasCrashed && parked !== undefined && matches(parked)) {
            hasCrashed = true;
            if (side === 'after') await apply();
          }
          if (hasCrashed) throw new StoreUnavailable('crashed');
          return apply();
        };
        readModels.interceptWrite = async (batch, write) => {
          if (hasCrashed) throw new StoreUnavailable('crashed');
          return write(batch);
        };
      }
      function recover(): void {
        readModels.interceptWrite = undefined;
        readModels.interceptChange = undefined;
      }
      const addsDocuments = (parked: readonly unknown[]) => parked.length > 0;
      const removesDocuments = (parked: readonly unknown[]) => parked.length === 0;

      /** Starts a runner, waits until it crashes, and starts another one on the recovered read models. */
      async function startAfterCrash(): Promise<ProjectionRunner> {
        log.record(booked('a', 1), booked('a', 9, 'Boom'), booked('b', 4), booked('a', 2), booked('a', 3));
        const projections = await startRunner();
        await until(() => statusOf(projections).state === 'backing-off');
        await projections.stop().catch(() => undefined);
        recover();
        return startRunner();
      }

      test.each(['before', 'after'] as const)('%s the parked document is stored', async (side) => {
        crashAt(addsDocuments, side);
        const again = await startAfterCrash();
        await world.untilCaughtUp(again);
        expect(await world.balance('a')).toBe(1);
        expect(await world.balance('b')).toBe(4);
        expect(statusOf(again).parked).toMatchObject({ documents: 1, events: 3 });
        failing.clear();
        await again.execute({ kind: 'retry', name: 'accounts' });
        await world.untilCaughtUp(again);
        expect(await world.balance('a')).toBe(1923);
      });

      test('after the parked document is stored: it can be retried before the checkpoint has moved past it', async () => {
        crashAt(addsDocuments, 'after');
        log.record(booked('a', 1), booked('a', 9, 'Boom'), booked('b', 4), booked('a', 2), booked('a', 3));
        const projections = await startRunner();
        await until(() => statusOf(projections).state === 'backing-off');
        failing.clear();
        recover();
        await projections.execute({ kind: 'retry', name: 'accounts' });
        await world.untilCaughtUp(projections);
        expect(await world.balance('a')).toBe(1923);
        expect(await world.balance('b')).toBe(4);
        expect(statusOf(projections).parked.events).toBe(0);
      });

      test.each(['before', 'after'] as const)('%s a retry removes the parked document', async (side) => {
        const { projections } = await startWithParkedAccount();
        failing.clear();
        crashAt(removesDocuments, side);
        await expect(projections.execute({ kind: 'retry', name: 'accounts' })).rejects.toThrow(StoreUnavailable);
        recover();
        await world.untilCaughtUp(projections);
        expect(await world.balance('a')).toBe(1923);
        expect(statusOf(projections).parked.events).toBe(0);
        log.record(booked('a', 5));
        await world.untilCaughtUp(projections);
        expect(await world.balance('a')).toBe(19235);
      });

      test('if another runner has taken over: the old runner fails and parks nothing', async () => {
        const { projections: old } = await startWithParkedAccount();
        const next = await startRunner();
        log.record(booked('a', 5));
        await world.untilCaughtUp(next);
        await until(() => statusOf(old).state === 'failed');
        expect(statusOf(old).halt).toMatchObject({ reason: 'checkpoint_lost' });
        expect(statusOf(next).parked.events).toBe(4);
      });
    });

    describe('a document that the read models reject for good', () => {
      beforeEach(() => {
        projection = {
          ...projection,
          evolve: (account, event, id) => {
            const after = accounts().evolve(account as never, event, id) as { readonly balance: number };
            return { ...account, ...after, ...(event.type === 'Boom' && { text: 'lone surrogate: \ud83d' }) };
          },
        };
      });

      test('is parked from the event that caused the rejection, while other documents change', async () => {
        const { projections, boomPosition } = await startWithParkedAccount();
        expect(await world.balance('a')).toBe(1);
        expect(await world.balance('b')).toBe(4);
        expect(await parkedDocuments(projections)).toMatchObject([
          { document: 'account-a', position: boomPosition, events: 3 },
        ]);
        expect((await parkedDocuments(projections))[0]?.error).toMatch(/^text: /);
      });

      test('stays parked after a retry, and is folded after that event is skipped', async () => {
        const { projections, boomPosition } = await startWithParkedAccount();
        const { documents } = await projections.execute({ kind: 'retry', name: 'accounts' });
        expect(documents).toMatchObject([{ folded: 0, waiting: 3, failed: { position: boomPosition } }]);
        const request = { document: 'account-a', position: boomPosition, ...skipDetails };
        // `folded` also counts the skipped event
        expect(await projections.execute({ kind: 'skip', name: 'accounts', request })).toMatchObject({
          skipped: true,
          retried: { folded: 3, waiting: 0 },
        });
        expect(await world.balance('a')).toBe(123);
      });

      test('halts the projection at that event if the document depends on several streams', async () => {
        const { oneStreamPerDocument: _, ...manyStreams } = { ...projection, keys: () => ['all'] };
        projection = manyStreams;
        log.record(booked('a', 1), booked('b', 2));
        const boomPosition = log.record(booked('a', 9, 'Boom'));
        log.record(booked('c', 3));
        const projections = await startRunner();
        await until(() => statusOf(projections).state === 'halted');
        expect(statusOf(projections).halt).toMatchObject({
          reason: 'document_rejected',
          event: { position: boomPosition },
        });
        const [all] = await readModels.port.find('accounts@1.1', {});
        expect(all).toMatchObject({ balance: 12 });
      });
    });

    describe('retrying', () => {
      test('folds parked events in order, and the document is no longer parked', async () => {
        const { projections } = await startWithParkedAccount();
        failing.clear();
        const result = await projections.execute({ kind: 'retry', name: 'accounts', document: 'account-a' });
        expect(result).toEqual({ name: 'accounts', documents: [{ document: 'account-a', folded: 3, waiting: 0 }] });
        expect(await world.balance('a')).toBe(1923);
        log.record(booked('a', 5));
        await world.untilCaughtUp(projections);
        expect(await world.balance('a')).toBe(19235);
        expect(projections.status().degraded).toBe(false);
        expect(await projections.execute({ kind: 'compare', name: 'accounts' })).toMatchObject({
          outcome: 'equal',
          parked: [],
        });
        expect(await world.collections()).toEqual(['accounts@1.1']);
      });

      test('keeps the events parked, with the new error, if folding fails again', async () => {
        const { projections, boomPosition } = await startWithParkedAccount();
        reason = 'another reason';
        const { documents } = await projections.execute({ kind: 'retry', name: 'accounts' });
        const error = 'Error: another reason';
        expect(documents).toMatchObject([{ folded: 0, waiting: 3, failed: { position: boomPosition, error } }]);
        expect(await world.balance('a')).toBe(1);
        expect(await parkedDocuments(projections)).toMatchObject([{ position: boomPosition, events: 3, error }]);
        await projections.stop();
        expect(await parkedDocuments(await startRunner())).toMatchObject([
          { position: boomPosition, events: 3, error },
        ]);
      });

      test('folds the events before one that fails, and keeps the document parked from that event', async () => {
        log.record(booked('a', 9, 'Boom'), booked('a', 2));
        const bangPosition = log.record(booked('a', 3, 'Bang'));
        log.record(booked('a', 4));
        const projections = await startRunner();
        await world.untilCaughtUp(projections);
        failing.delete('Boom');
        const { documents } = await projections.execute({ kind: 'retry', name: 'accounts' });
        expect(documents).toMatchObject([{ folded: 2, waiting: 2, failed: { position: bangPosition, type: 'Bang' } }]);
        expect(await world.balance('a')).toBe(92);
        expect(await parkedDocuments(projections)).toMatchObject([
          { position: bangPosition, error: 'Error: cannot be folded', events: 2 },
        ]);
        await projections.stop();
        failing.clear();
        const again = await startRunner();
        await again.execute({ kind: 'retry', name: 'accounts' });
        expect(await world.balance('a')).toBe(9234);
      });

      test('folds more parked events than fit into one page', async () => {
        log.record(booked('a', 0, 'Boom'), ...Array.from({ length: 1200 }, () => booked('a', 0)), booked('a', 7));
        const projections = await startRunner();
        await world.untilCaughtUp(projections);
        expect(statusOf(projections).parked.events).toBe(1202);
        failing.clear();
        expect(await projections.execute({ kind: 'retry', name: 'accounts' })).toMatchObject({
          documents: [{ folded: 1202, waiting: 0 }],
        });
        expect(await world.balance('a')).toBe(7);
      });

      test('stops the projection meanwhile: new events are folded after the retry', async () => {
        const { projections } = await startWithParkedAccount();
        failing.clear();
        const balancesDuringRetry: (number | undefined)[] = [];
        readModels.interceptWrite = async (batch, write) => {
          const result = await write(batch);
          if (batch.checkpoint.collection === 'accounts@1.1' && balancesDuringRetry.length === 0) {
            log.record(booked('b', 5));
            await pause(50);
            balancesDuringRetry.push(await world.balance('b'));
          }
          return result;
        };
        await projections.execute({ kind: 'retry', name: 'accounts' });
        await world.untilCaughtUp(projections);
        expect(balancesDuringRetry).toEqual([4]);
        expect(await world.balance('b')).toBe(45);
      });

      test('one document leaves other documents parked', async () => {
        log.record(booked('a', 1, 'Boom'), booked('b', 1, 'Boom'));
        const projections = await startRunner();
        await world.untilCaughtUp(projections);
        failing.clear();
        await projections.execute({ kind: 'retry', name: 'accounts', document: 'account-b' });
        expect((await parkedDocuments(projections)).map(({ document }) => document)).toEqual(['account-a']);
      });

      test('loses no event that is recorded meanwhile, and folds it in order', async () => {
        const { projections } = await startWithParkedAccount();
        failing.clear();
        const retry = projections.execute({ kind: 'retry', name: 'accounts' });
        await expect(projections.execute({ kind: 'retry', name: 'accounts' })).rejects.toThrow(OperationInProgress);
        log.record(booked('a', 5), booked('a', 6));
        await pause(1);
        await retry;
        await world.untilCaughtUp(projections);
        expect(await world.balance('a')).toBe(192356);
      });
    });

    describe('skipping', () => {
      test('leaves the event out, folds the events parked after it, and stores actor and reason', async () => {
        const { projections, boomPosition } = await startWithParkedAccount();
        const skipped = await projections.execute({
          kind: 'skip',
          name: 'accounts',
          request: { document: 'account-a', position: boomPosition, ...skipDetails },
        });
        // `folded` also counts the skipped event
        expect(skipped).toMatchObject({ skipped: true, retried: { folded: 3, waiting: 0 } });
        expect(await world.balance('a')).toBe(123);
        const record = {
          document: 'account-a',
          position: boomPosition,
          stream: 'account-a',
          revision: 1,
          type: 'Boom',
        };
        expect(await projections.execute({ kind: 'parked', name: 'accounts' })).toMatchObject({
          documents: [],
          skipped: [{ ...record, ...skipDetails }],
        });
        expect(projections.status().degraded).toBe(false);
      });

      test('applies to every rebuild of the same version, even after a restart', async () => {
        const { projections, boomPosition } = await startWithParkedAccount();
        await projections.execute({
          kind: 'skip',
          name: 'accounts',
          request: { document: 'account-a', position: boomPosition, ...skipDetails },
        });
        expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
          outcome: 'equal',
          swapped: true,
        });
        expect(await world.balance('a')).toBe(123);
        await projections.stop();
        failing.clear(); // the skipped event could be folded now, and is left out all the same
        const again = await startRunner();
        await world.untilCaughtUp(again);
        expect(await again.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
          outcome: 'equal',
          swapped: true,
        });
        expect(await world.balance('a')).toBe(123);
      });

      test('does not apply to another version of the projection', async () => {
        const { projections, boomPosition } = await startWithParkedAccount();
        await projections.execute({
          kind: 'skip',
          name: 'accounts',
          request: { document: 'account-a', position: boomPosition, ...skipDetails },
        });
        await projections.stop();
        projection = accounts(neverFails, 2);
        const next = await startRunner();
        await world.untilCaughtUp(next);
        expect(await world.balance('a')).toBe(1923);
        expect(await next.execute({ kind: 'parked', name: 'accounts' })).toEqual({ documents: [], skipped: [] });
      });

      test('is rejected for an event at which no document is parked', async () => {
        const { projections, boomPosition } = await startWithParkedAccount();
        const laterPosition = log.events[3]?.position ?? ''; // the amount 2 of account a, parked after Boom
        for (const request of [
          { document: 'account-a', position: laterPosition },
          { document: 'account-b', position: boomPosition },
        ])
          expect(
            await projections.execute({ kind: 'skip', name: 'accounts', request: { ...request, ...skipDetails } }),
          ).toEqual({
            skipped: false,
            code: 'nothing_to_skip',
          });
        expect(await projections.execute({ kind: 'parked', name: 'accounts' })).toMatchObject({
          documents: [{ events: 3 }],
          skipped: [],
        });
      });

      test('resumes a projection that halted because its documents depend on several streams', async () => {
        const { oneStreamPerDocument: _, ...manyStreams } = { ...projection, keys: () => ['all'] };
        projection = manyStreams;
        log.record(booked('a', 1));
        const boomPosition = log.record(booked('b', 9, 'Boom'));
        log.record(booked('c', 2));
        const projections = await startRunner();
        await until(() => statusOf(projections).state === 'halted');
        await projections.execute({
          kind: 'skip',
          name: 'accounts',
          request: { document: 'all', position: boomPosition, ...skipDetails },
        });
        await world.untilCaughtUp(projections);
        const [all] = await readModels.port.find('accounts@1.1', {});
        expect(all).toMatchObject({ _id: 'all', balance: 12 });
        expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
          outcome: 'equal',
          swapped: true,
        });
      });

      test('resumes a new version that halted during its build', async () => {
        log.record(booked('a', 1));
        failing.clear();
        const first = await startRunner();
        await world.untilCaughtUp(first);
        await first.stop();
        const boomPosition = log.record(booked('a', 9, 'Boom'));
        log.record(booked('a', 2));
        projection = accounts((type) => failing.has(type) && reason, 2);
        // the build covers only events that the old version has folded, so the old version has to fold this event first
        const old = await world.startRunner([accounts()]);
        await world.untilCaughtUp(old);
        await old.stop();
        failing.add('Boom');
        const second = await startRunner();
        await until(() => statusOf(second).state === 'halted');
        await second.execute({
          kind: 'skip',
          name: 'accounts',
          request: { document: 'account-a', position: boomPosition, ...skipDetails },
        });
        await world.untilCaughtUp(second);
        expect(await world.balance('a')).toBe(12);
      });
    });

    describe('while a document is parked', () => {
      test('a rebuild fails as long as the event cannot be folded, and the live model stays', async () => {
        const { projections } = await startWithParkedAccount();
        await expect(projections.execute({ kind: 'rebuild', name: 'accounts' })).rejects.toThrow('cannot be folded');
        expect(await world.collections()).toEqual(['accounts@1.1']);
        expect(statusOf(projections).parked.events).toBe(3);
        log.record(booked('b', 5));
        await world.untilCaughtUp(projections);
        expect(await world.balance('b')).toBe(45);
      });

      test('a comparison lists the document as parked, and finds the other documents equal', async () => {
        const { projections } = await startWithParkedAccount();
        expect(await projections.execute({ kind: 'compare', name: 'accounts' })).toMatchObject({
          outcome: 'equal',
          parked: ['account-a'],
        });
        expect(await world.collections()).toEqual(['accounts@1.1']);
      });

      test('a rebuild is refused until a retry has folded the event; a comparison reports a difference', async () => {
        const { projections } = await startWithParkedAccount();
        failing.clear();
        const report = { swapped: false, parked: ['account-a'], differing: ['account-a'] };
        expect(await projections.execute({ kind: 'compare', name: 'accounts' })).toMatchObject({
          ...report,
          outcome: 'different',
        });
        expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
          ...report,
          outcome: 'refused',
        });
        expect(await world.balance('a')).toBe(1);
        await projections.execute({ kind: 'retry', name: 'accounts' });
        expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
          outcome: 'equal',
          swapped: true,
          parked: [],
        });
        expect(await world.balance('a')).toBe(1923);
      });

      test('a rebuild is refused even if the parked event would not change the document', async () => {
        projection = {
          ...projection,
          evolve: (document) => {
            if (failing.has('Boom')) throw new Error('cannot be folded');
            return document;
          },
        };
        const { projections } = await startWithParkedAccount();
        failing.clear();
        expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
          outcome: 'refused',
          swapped: false,
        });
      });

      test('a new version that can fold the event replaces the model, and no document is parked', async () => {
        const { projections } = await startWithParkedAccount();
        await projections.stop();
        projection = accounts(neverFails, 2);
        const next = await startRunner();
        await world.untilCaughtUp(next);
        expect(await world.balance('a')).toBe(1923);
        expect(statusOf(next).parked.events).toBe(0);
        expect(await next.execute({ kind: 'drop', name: 'accounts' })).toEqual({ dropped: true });
        expect(await world.collections()).toEqual(['accounts@2.2']);
      });

      test('a rebuild after a retry makes a new model live, which parks the next event that cannot be folded', async () => {
        const { projections } = await startWithParkedAccount();
        failing.clear();
        await projections.execute({ kind: 'retry', name: 'accounts' });
        await projections.execute({ kind: 'rebuild', name: 'accounts' });
        failing.add('Boom');
        log.record(booked('a', 9, 'Boom'), booked('b', 5));
        await world.untilCaughtUp(projections);
        expect(statusOf(projections)).toMatchObject({
          collection: 'accounts@1.2',
          parked: { documents: 1, events: 1 },
        });
        expect(await world.balance('b')).toBe(45);
      });
    });
  });
}
