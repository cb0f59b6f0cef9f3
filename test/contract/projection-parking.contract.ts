import { setTimeout as pause } from 'node:timers/promises';

import type { ProjectionRunner } from '../../src/projection/projection-runner.js';
import type { Projection } from '../../src/projection/projection.js';
import { BuildUnderWay } from '../../src/projection/operations.js';
import { StoreUnavailable } from '../../src/eventstore/event-store.js';
import type { ModelChange } from '../../src/readmodels/read-models.js';
import type { FaultyReadModels } from '../support/projections/faulty-read-models.js';
import { accounts, AccountsWorld, booked, statusOf, until } from '../support/projections/accounts.js';

const by = { type: 'person', id: 'sam' };
const at = '2026-01-06T10:00:00.000Z';
const because = { reason: 'entered by mistake, see case 7', by, at };

/** Events that cannot be folded, on any read models; each test opens new ones. */
export function describeParking(engine: string, open: () => FaultyReadModels | Promise<FaultyReadModels>): void {
  describe(`parking on ${engine}`, () => {
    let world: AccountsWorld;
    let log: AccountsWorld['log'];
    let readModels: AccountsWorld['readModels'];
    /** Types of events that cannot be folded for now. */
    let failing: Set<string>;
    /** The error message. */
    let reason: string;
    let projection: Projection;

    beforeEach(async () => {
      world = new AccountsWorld(await open());
      ({ log, readModels } = world);
      failing = new Set(['Boom', 'Bang']);
      reason = 'no such thing';
      projection = accounts((type) => failing.has(type) && reason);
    });

    afterEach(() => world.close());

    const started = () => world.started([projection]);
    const parked = async (projections: ProjectionRunner) =>
      (await projections.execute({ kind: 'parked', name: 'accounts' })).documents;

    /** a: 1, Boom, 2, 3 – b: 4 between them. */
    async function parkedWorld() {
      log.record(booked('a', 1));
      const boom = log.record(booked('a', 9, 'Boom'));
      log.record(booked('b', 4), booked('a', 2), booked('a', 3));
      const projections = await started();
      await world.caughtUp(projections);
      return { projections, boom };
    }

    describe('an event that cannot be folded where each document is fed by one stream', () => {
      test('is parked with every later one of its document, while others continue and the checkpoint moves', async () => {
        const { projections, boom } = await parkedWorld();
        expect(await world.balance('a')).toBe(1);
        expect(await world.balance('b')).toBe(4);
        log.record(booked('b', 6));
        await world.caughtUp(projections);
        const last = log.record(booked('a', 5));
        await world.caughtUp(projections);
        const checkpoint = await readModels.port.loadCheckpoint(statusOf(projections).collection ?? '');
        expect(checkpoint?.position).toBe(last);
        expect(await world.balance('a')).toBe(1);
        expect(await world.balance('b')).toBe(46);
        expect(await parked(projections)).toEqual([
          {
            document: 'account-a',
            position: boom,
            stream: 'account-a',
            revision: 1,
            type: 'Boom',
            recordedAt: '2026-01-05T09:00:02.000Z',
            error: 'Error: no such thing',
            events: 4,
          },
        ]);
      });

      test('is retried first', async () => {
        let tries = 0;
        projection = accounts((type) => type === 'Boom' && ++tries < 3 && reason);
        const { projections } = await parkedWorld();
        expect(tries).toBe(3);
        expect(await parked(projections)).toEqual([]);
        expect(await world.balance('a')).toBe(1923);
      });

      test('makes the projections degraded, not unhealthy, and is counted', async () => {
        const { projections, boom } = await parkedWorld();
        expect(projections.status()).toMatchObject({ healthy: true, degraded: true });
        const oldest = { position: boom, recordedAt: '2026-01-05T09:00:02.000Z' };
        expect(statusOf(projections).parked).toEqual({ documents: 1, events: 3, oldest });
      });

      test('is parked without any of its content', async () => {
        const { projections } = await parkedWorld();
        await projections.stop();
        const kept = (await readModels.port.loadModel('accounts'))?.parked ?? [];
        const place = ['document', 'position', 'stream', 'revision', 'type', 'recordedAt'];
        expect(kept.map((one) => Object.keys(one).sort())).toEqual([[...place, 'error', 'events', 'through'].sort()]);
      });

      test('is still parked after a restart, and later events are parked behind it', async () => {
        const { projections } = await parkedWorld();
        await projections.stop();
        failing.clear();
        log.record(booked('a', 5), booked('b', 6));
        const again = await started();
        await world.caughtUp(again);
        expect(await world.balance('a')).toBe(1);
        expect(await world.balance('b')).toBe(46);
        expect(statusOf(again).parked).toMatchObject({ documents: 1, events: 4 });
      });

      test('several documents are parked, each in its own order', async () => {
        log.record(booked('a', 1, 'Boom'), booked('b', 1, 'Bang'), booked('b', 2), booked('a', 2), booked('c', 3));
        const projections = await started();
        await world.caughtUp(projections);
        expect((await parked(projections)).map(({ document, events }) => [document, events])).toEqual([
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

      test('halts when it cannot be decoded: its document is unknown', async () => {
        log.record(booked('a', 1), booked('a', 1, 'Odd'));
        const projections = await world.started([projection], {
          decode: (event) => {
            if (event.type === 'Odd') throw new Error('unknown type');
            return { ...event, data: JSON.parse(event.data) as object, metadata: JSON.parse(event.metadata) as never };
          },
        });
        await until(() => statusOf(projections).state === 'halted');
        expect(await parked(projections)).toEqual([]);
      });

      test('halts at too many parked documents: the fault is not in one event', async () => {
        projection = { ...projection, keys: ({ stream }) => ['1', '2', '3'].map((part) => `${stream}-${part}`) };
        failing.add('Booked');
        log.record(booked('a', 1), booked('b', 1));
        const projections = await world.started([projection], { limits: { maxParked: 6 } });
        await world.caughtUp(projections);
        expect(statusOf(projections).parked).toMatchObject({ documents: 6, events: 6 });
        log.record(booked('c', 1));
        await until(() => statusOf(projections).state === 'halted');
        expect(statusOf(projections)).toMatchObject({ halt: { reason: 'evolve_failed' }, parked: { documents: 6 } });
      });
    });

    describe('a crash loses nothing and folds nothing twice', () => {
      /** Lets writes through until one matches, then fails every call. */
      function dieAt(fits: (parked: NonNullable<ModelChange['parked']>) => boolean, done: 'before' | 'after'): void {
        let dead = false;
        readModels.meddleChange = async ({ parked }, apply) => {
          if (!dead && parked !== undefined && fits(parked)) {
            dead = true;
            if (done === 'after') await apply();
          }
          if (dead) throw new StoreUnavailable('it died');
          return apply();
        };
        readModels.meddle = async (batch, write) => {
          if (dead) throw new StoreUnavailable('it died');
          return write(batch);
        };
      }
      function live(): void {
        readModels.meddle = undefined;
        readModels.meddleChange = undefined;
      }
      const entries = (parked: readonly unknown[]) => parked.length > 0;
      const removals = (parked: readonly unknown[]) => parked.length === 0;

      async function crashed(): Promise<ProjectionRunner> {
        log.record(booked('a', 1), booked('a', 9, 'Boom'), booked('b', 4), booked('a', 2), booked('a', 3));
        const projections = await started();
        await until(() => statusOf(projections).state === 'backing-off');
        await projections.stop().catch(() => undefined);
        live();
        return started();
      }

      test.each(['before', 'after'] as const)('%s the entries are written, ahead of the checkpoint', async (done) => {
        dieAt(entries, done);
        const again = await crashed();
        await world.caughtUp(again);
        expect(await world.balance('a')).toBe(1);
        expect(await world.balance('b')).toBe(4);
        expect(statusOf(again).parked).toMatchObject({ documents: 1, events: 3 });
        failing.clear();
        await again.execute({ kind: 'retry', name: 'accounts' });
        await world.caughtUp(again);
        expect(await world.balance('a')).toBe(1923);
      });

      test('recorded entries can be retried before the checkpoint has passed them', async () => {
        dieAt(entries, 'after');
        log.record(booked('a', 1), booked('a', 9, 'Boom'), booked('b', 4), booked('a', 2), booked('a', 3));
        const projections = await started();
        await until(() => statusOf(projections).state === 'backing-off');
        failing.clear();
        live();
        await projections.execute({ kind: 'retry', name: 'accounts' });
        await world.caughtUp(projections);
        expect(await world.balance('a')).toBe(1923);
        expect(await world.balance('b')).toBe(4);
        expect(statusOf(projections).parked.events).toBe(0);
      });

      test.each(['before', 'after'] as const)('%s the entries of a retry are removed', async (done) => {
        const { projections } = await parkedWorld();
        failing.clear();
        dieAt(removals, done);
        await expect(projections.execute({ kind: 'retry', name: 'accounts' })).rejects.toThrow(StoreUnavailable);
        live();
        await world.caughtUp(projections);
        expect(await world.balance('a')).toBe(1923);
        expect(statusOf(projections).parked.events).toBe(0);
        log.record(booked('a', 5));
        await world.caughtUp(projections);
        expect(await world.balance('a')).toBe(19235);
      });

      test('a fenced runner parks nothing any more', async () => {
        const { projections: old } = await parkedWorld();
        const young = await started();
        log.record(booked('a', 5));
        await world.caughtUp(young);
        await until(() => statusOf(old).state === 'failed');
        expect(statusOf(old).halt).toMatchObject({ reason: 'checkpoint_lost' });
        expect(statusOf(young).parked.events).toBe(4);
      });
    });

    describe('a document that the store permanently rejects', () => {
      beforeEach(() => {
        projection = {
          ...projection,
          evolve: (account, event, id) => {
            const after = accounts(() => false).evolve(account as never, event, id) as { readonly balance: number };
            return { ...account, ...after, ...(event.type === 'Boom' && { text: 'half of a pair: \ud83d' }) };
          },
        };
      });

      test('is parked from the event that caused the rejection, and others continue', async () => {
        const { projections, boom } = await parkedWorld();
        expect(await world.balance('a')).toBe(1);
        expect(await world.balance('b')).toBe(4);
        expect(await parked(projections)).toMatchObject([{ document: 'account-a', position: boom, events: 3 }]);
        expect((await parked(projections))[0]?.error).toMatch(/^text: /);
      });

      test('is retried up to that event, which can be skipped', async () => {
        const { projections, boom } = await parkedWorld();
        const { documents } = await projections.execute({ kind: 'retry', name: 'accounts' });
        expect(documents).toMatchObject([{ folded: 0, waiting: 3, failed: { position: boom } }]);
        const request = { document: 'account-a', position: boom, ...because };
        expect(await projections.execute({ kind: 'skip', name: 'accounts', request })).toMatchObject({
          skipped: true,
          retried: { folded: 3, waiting: 0 },
        });
        expect(await world.balance('a')).toBe(123);
      });

      test('halts its projection at that event when several streams feed it', async () => {
        const { oneStreamPerDocument: _, ...halting } = { ...projection, keys: () => ['all'] };
        projection = halting;
        log.record(booked('a', 1), booked('b', 2));
        const boom = log.record(booked('a', 9, 'Boom'));
        log.record(booked('c', 3));
        const projections = await started();
        await until(() => statusOf(projections).state === 'halted');
        expect(statusOf(projections).halt).toMatchObject({ reason: 'document_rejected', event: { position: boom } });
        const [all] = await readModels.port.find('accounts@1.1', {});
        expect(all).toMatchObject({ balance: 12 });
      });
    });

    describe('retrying', () => {
      test('folds parked events in order, and the document is active again', async () => {
        const { projections } = await parkedWorld();
        failing.clear();
        const result = await projections.execute({ kind: 'retry', name: 'accounts', document: 'account-a' });
        expect(result).toEqual({ name: 'accounts', documents: [{ document: 'account-a', folded: 3, waiting: 0 }] });
        expect(await world.balance('a')).toBe(1923);
        log.record(booked('a', 5));
        await world.caughtUp(projections);
        expect(await world.balance('a')).toBe(19235);
        expect(projections.status().degraded).toBe(false);
        expect(await projections.execute({ kind: 'compare', name: 'accounts' })).toMatchObject({
          outcome: 'equal',
          parked: [],
        });
        expect(await world.collections()).toEqual(['accounts@1.1']);
      });

      test('that fails again keeps the events parked, with the new reason', async () => {
        const { projections, boom } = await parkedWorld();
        reason = 'now for another reason';
        const { documents } = await projections.execute({ kind: 'retry', name: 'accounts' });
        const error = 'Error: now for another reason';
        expect(documents).toMatchObject([{ folded: 0, waiting: 3, failed: { position: boom, error } }]);
        expect(await world.balance('a')).toBe(1);
        expect(await parked(projections)).toMatchObject([{ position: boom, events: 3, error }]);
        await projections.stop();
        expect(await parked(await started())).toMatchObject([{ position: boom, events: 3, error }]);
      });

      test('that fails at a later event keeps the folded ones and parks from there', async () => {
        log.record(booked('a', 9, 'Boom'), booked('a', 2));
        const bang = log.record(booked('a', 3, 'Bang'));
        log.record(booked('a', 4));
        const projections = await started();
        await world.caughtUp(projections);
        failing.delete('Boom');
        const { documents } = await projections.execute({ kind: 'retry', name: 'accounts' });
        expect(documents).toMatchObject([{ folded: 2, waiting: 2, failed: { position: bang, type: 'Bang' } }]);
        expect(await world.balance('a')).toBe(92);
        expect(await parked(projections)).toMatchObject([{ position: bang, error: 'Error: no such thing', events: 2 }]);
        await projections.stop();
        failing.clear();
        const again = await started();
        await again.execute({ kind: 'retry', name: 'accounts' });
        expect(await world.balance('a')).toBe(9234);
      });

      test('folds more than a page of them', async () => {
        log.record(booked('a', 0, 'Boom'), ...Array.from({ length: 1200 }, () => booked('a', 0)), booked('a', 7));
        const projections = await started();
        await world.caughtUp(projections);
        expect(statusOf(projections).parked.events).toBe(1202);
        failing.clear();
        expect(await projections.execute({ kind: 'retry', name: 'accounts' })).toMatchObject({
          documents: [{ folded: 1202, waiting: 0 }],
        });
        expect(await world.balance('a')).toBe(7);
      });

      test('holds the projection meanwhile: new events are folded afterwards', async () => {
        const { projections } = await parkedWorld();
        failing.clear();
        const meanwhile: (number | undefined)[] = [];
        readModels.meddle = async (batch, write) => {
          const result = await write(batch);
          if (batch.checkpoint.collection === 'accounts@1.1' && meanwhile.length === 0) {
            log.record(booked('b', 5));
            await pause(50);
            meanwhile.push(await world.balance('b'));
          }
          return result;
        };
        await projections.execute({ kind: 'retry', name: 'accounts' });
        await world.caughtUp(projections);
        expect(meanwhile).toEqual([4]);
        expect(await world.balance('b')).toBe(45);
      });

      test('one document does not affect the others', async () => {
        log.record(booked('a', 1, 'Boom'), booked('b', 1, 'Boom'));
        const projections = await started();
        await world.caughtUp(projections);
        failing.clear();
        await projections.execute({ kind: 'retry', name: 'accounts', document: 'account-b' });
        expect((await parked(projections)).map(({ document }) => document)).toEqual(['account-a']);
      });

      test('events recorded meanwhile are neither lost nor folded out of order', async () => {
        const { projections } = await parkedWorld();
        failing.clear();
        const retry = projections.execute({ kind: 'retry', name: 'accounts' });
        await expect(projections.execute({ kind: 'retry', name: 'accounts' })).rejects.toThrow(BuildUnderWay);
        log.record(booked('a', 5), booked('a', 6));
        await pause(1);
        await retry;
        await world.caughtUp(projections);
        expect(await world.balance('a')).toBe(192356);
      });
    });

    describe('skipping', () => {
      test('leaves the event out, folds those parked behind it, and records actor and reason', async () => {
        const { projections, boom } = await parkedWorld();
        const skipped = await projections.execute({
          kind: 'skip',
          name: 'accounts',
          request: { document: 'account-a', position: boom, ...because },
        });
        expect(skipped).toMatchObject({ skipped: true, retried: { folded: 3, waiting: 0 } });
        expect(await world.balance('a')).toBe(123);
        const record = { document: 'account-a', position: boom, stream: 'account-a', revision: 1, type: 'Boom' };
        expect(await projections.execute({ kind: 'parked', name: 'accounts' })).toMatchObject({
          documents: [],
          skipped: [{ ...record, ...because }],
        });
        expect(projections.status().degraded).toBe(false);
      });

      test('is applied by a rebuild of that version, after a restart too', async () => {
        const { projections, boom } = await parkedWorld();
        await projections.execute({
          kind: 'skip',
          name: 'accounts',
          request: { document: 'account-a', position: boom, ...because },
        });
        expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
          outcome: 'equal',
          swapped: true,
        });
        expect(await world.balance('a')).toBe(123);
        await projections.stop();
        failing.clear(); // even though it could be folded now
        const again = await started();
        await world.caughtUp(again);
        expect(await again.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
          outcome: 'equal',
          swapped: true,
        });
        expect(await world.balance('a')).toBe(123);
      });

      test('does not apply to another version', async () => {
        const { projections, boom } = await parkedWorld();
        await projections.execute({
          kind: 'skip',
          name: 'accounts',
          request: { document: 'account-a', position: boom, ...because },
        });
        await projections.stop();
        projection = accounts(() => false, 2);
        const next = await started();
        await world.caughtUp(next);
        expect(await world.balance('a')).toBe(1923);
        expect(await next.execute({ kind: 'parked', name: 'accounts' })).toEqual({ documents: [], skipped: [] });
      });

      test('is rejected for an event that is not the failing one', async () => {
        const { projections, boom } = await parkedWorld();
        const behind = log.events[3]?.position ?? '';
        for (const request of [
          { document: 'account-a', position: behind },
          { document: 'account-b', position: boom },
        ])
          expect(
            await projections.execute({ kind: 'skip', name: 'accounts', request: { ...request, ...because } }),
          ).toEqual({
            skipped: false,
            code: 'nothing_to_skip',
          });
        expect(await projections.execute({ kind: 'parked', name: 'accounts' })).toMatchObject({
          documents: [{ events: 3 }],
          skipped: [],
        });
      });

      test('resumes a projection that halted because many streams feed its documents', async () => {
        const { oneStreamPerDocument: _, ...halting } = { ...projection, keys: () => ['all'] };
        projection = halting;
        log.record(booked('a', 1));
        const boom = log.record(booked('b', 9, 'Boom'));
        log.record(booked('c', 2));
        const projections = await started();
        await until(() => statusOf(projections).state === 'halted');
        await projections.execute({
          kind: 'skip',
          name: 'accounts',
          request: { document: 'all', position: boom, ...because },
        });
        await world.caughtUp(projections);
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
        const first = await started();
        await world.caughtUp(first);
        await first.stop();
        const boom = log.record(booked('a', 9, 'Boom'));
        log.record(booked('a', 2));
        failing.add('Boom');
        projection = accounts((type) => failing.has(type) && reason, 2);
        // the build covers only events that the old version has folded
        failing.delete('Boom');
        const old = await world.started([accounts(() => false)]);
        await world.caughtUp(old);
        await old.stop();
        failing.add('Boom');
        const second = await started();
        await until(() => statusOf(second).state === 'halted');
        await second.execute({
          kind: 'skip',
          name: 'accounts',
          request: { document: 'account-a', position: boom, ...because },
        });
        await world.caughtUp(second);
        expect(await world.balance('a')).toBe(12);
      });
    });

    describe('rebuilding while documents are parked', () => {
      test('fails while the event still cannot be folded, and the live model stays', async () => {
        const { projections } = await parkedWorld();
        await expect(projections.execute({ kind: 'rebuild', name: 'accounts' })).rejects.toThrow('no such thing');
        expect(await world.collections()).toEqual(['accounts@1.1']);
        expect(statusOf(projections).parked.events).toBe(3);
        log.record(booked('b', 5));
        await world.caughtUp(projections);
        expect(await world.balance('b')).toBe(45);
      });

      test('comparing names the documents while the event still cannot be folded, and finds the others equal', async () => {
        const { projections } = await parkedWorld();
        expect(await projections.execute({ kind: 'compare', name: 'accounts' })).toMatchObject({
          outcome: 'equal',
          parked: ['account-a'],
        });
        expect(await world.collections()).toEqual(['accounts@1.1']);
      });

      test('does not swap, and comparing names the documents', async () => {
        const { projections } = await parkedWorld();
        failing.clear();
        const found = { swapped: false, parked: ['account-a'], differing: ['account-a'] };
        expect(await projections.execute({ kind: 'compare', name: 'accounts' })).toMatchObject({
          ...found,
          outcome: 'different',
        });
        expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
          ...found,
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

      test('does not swap even where the event would change nothing', async () => {
        projection = {
          ...projection,
          evolve: (document) => {
            if (failing.has('Boom')) throw new Error('no such thing');
            return document;
          },
        };
        const { projections } = await parkedWorld();
        failing.clear();
        expect(await projections.execute({ kind: 'rebuild', name: 'accounts' })).toMatchObject({
          outcome: 'refused',
          swapped: false,
        });
      });

      test('a new version replaces one with parked documents', async () => {
        const { projections } = await parkedWorld();
        await projections.stop();
        projection = accounts(() => false, 2);
        const next = await started();
        await world.caughtUp(next);
        expect(await world.balance('a')).toBe(1923);
        expect(statusOf(next).parked.events).toBe(0);
        expect(await next.execute({ kind: 'drop', name: 'accounts' })).toEqual({ dropped: true });
        expect(await world.collections()).toEqual(['accounts@2.2']);
      });

      test('a model that was swapped in parks again', async () => {
        const { projections } = await parkedWorld();
        failing.clear();
        await projections.execute({ kind: 'retry', name: 'accounts' });
        await projections.execute({ kind: 'rebuild', name: 'accounts' });
        failing.add('Boom');
        log.record(booked('a', 9, 'Boom'), booked('b', 5));
        await world.caughtUp(projections);
        expect(statusOf(projections)).toMatchObject({
          collection: 'accounts@1.2',
          parked: { documents: 1, events: 1 },
        });
        expect(await world.balance('b')).toBe(45);
      });
    });
  });
}
