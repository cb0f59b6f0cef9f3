import { setTimeout as pause } from 'node:timers/promises';
import { openMongoReadModels, type MongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import {
  ReadModelsUnavailable,
  type Checkpoint,
  type Document,
  type WriteSession,
} from '../../src/readmodels/read-models.js';
import { eventually } from '../support/eventually.js';
import { Databases, REAL } from '../support/mongo/databases.js';
import { Chance } from '../support/service/chance.js';
import { runs, seed } from '../support/service/extent.js';

const KILLS = runs(3, 20);
const MODEL = 'counters@1.1';
const COUNTERS = 400;
const BATCH = 600;

/** Which counter an event at a position (from 1) counts for: each is named again and again, none regularly. */
const counterOf = (position: number): string => `c${String(((position * 7919) % COUNTERS) ^ (position % 3))}`;
const padded = (position: number): string => String(position).padStart(12, '0');
const at = (position: number): Checkpoint => ({
  storeId: 'store',
  position: padded(position),
  eventId: `event ${String(position)}`,
});

interface Sums {
  readonly count: number;
  readonly sum: number;
}

/** What all events name, in order: the sums of a counter after each event that names it. */
class Histories {
  private readonly steps = new Map<string, (Sums & { readonly position: number })[]>();
  private known = 0;

  /** What the events up to a position make of a counter. */
  at(counter: string, position: number): Sums {
    for (; this.known < position; this.known += 1) this.add(this.known + 1);
    const { count, sum } = this.steps.get(counter)?.findLast((step) => step.position <= position) ?? {
      count: 0,
      sum: 0,
    };
    return { count, sum };
  }

  private add(position: number): void {
    const counter = counterOf(position);
    const steps = this.steps.get(counter) ?? [];
    const before = steps.at(-1) ?? { count: 0, sum: 0 };
    this.steps.set(counter, [...steps, { position, count: before.count + 1, sum: before.sum + position }]);
  }
}

interface Counter extends Document {
  readonly count: number;
  readonly sum: number;
}

/** Folds one batch after the checkpoint as the runner does: load, skip what was seen, write, move the checkpoint. */
async function foldBatch(models: MongoReadModels, session: WriteSession): Promise<void> {
  const from = await models.loadCheckpoint(MODEL);
  const begin = Number(from?.position ?? 0);
  const events = Array.from({ length: BATCH }, (_, n) => begin + n + 1);
  const ids = [...new Set(events.map(counterOf))];
  const loaded = new Map((await models.getMany(MODEL, ids)).map((document) => [document._id, document as Counter]));
  const folded = new Map<string, Counter>();
  for (const position of events) {
    const _id = counterOf(position);
    const before = folded.get(_id) ?? loaded.get(_id);
    if (before !== undefined && before._position >= padded(position)) continue;
    const [count, sum] = [(before?.count ?? 0) + 1, (before?.sum ?? 0) + position];
    folded.set(_id, { _id, _position: padded(position), count, sum });
  }
  const writes = [...folded.values()].map((document) => ({
    id: document._id,
    loaded: loaded.get(document._id)?._position ?? null,
    document,
  }));
  const result = await session.write({
    changes: [{ collection: MODEL, writes }],
    checkpoint: { collection: MODEL, from, to: at(begin + BATCH) },
  });
  expect(result).toEqual({ outcome: 'written' });
}

/** Every counter holds each of its events once, and at least those up to the checkpoint. */
async function check(models: MongoReadModels): Promise<{ readonly checkpoint: number; readonly ahead: number }> {
  const checkpoint = Number((await models.loadCheckpoint(MODEL))?.position ?? 0);
  const documents = (await models.find(MODEL, {})) as Counter[];
  const standing = new Map(documents.map((document) => [document._id, document]));
  let ahead = 0;
  for (const counter of new Set(Array.from({ length: COUNTERS * 4 }, (_, n) => counterOf(n + 1)))) {
    const document = standing.get(counter);
    const must = histories.at(counter, checkpoint);
    if (document === undefined) expect({ counter, ...must }).toEqual({ counter, count: 0, sum: 0 });
    else {
      const { count, sum } = document;
      expect({ counter, count, sum }).toEqual({ counter, ...histories.at(counter, Number(document._position)) });
      expect(count).toBeGreaterThanOrEqual(must.count);
      if (count > must.count) ahead += 1;
    }
  }
  return { checkpoint, ahead };
}

const histories = new Histories();
const databases = new Databases();
const ours = REAL === undefined;
beforeAll(() => databases.start());
afterAll(() => databases.stop());

let models: MongoReadModels;
afterEach(() => models.close());

(ours ? test : test.skip)(
  `MongoDB is killed in the middle of a batch ${String(KILLS)} times: nothing is lost or doubled (only a stand-in is ours to kill)`,
  async () => {
    models = await openMongoReadModels(databases.url, {
      database: databases.next(),
      serverSelectionTimeoutMS: 2_000,
    });
    const session = await models.openSession();
    await session.createCollection(MODEL, [{ fields: { count: 1 } }]);
    await foldBatch(models, session);
    const chance = new Chance(seed);
    let torn = 0;
    let last = 0;
    // goes on until a kill met the writes of a batch: others prove nothing
    for (let kill = 0; kill < KILLS || torn === 0; kill += 1) {
      const begun = once<number>();
      const working = (async () => {
        for (;;) {
          const began = performance.now();
          await foldBatch(models, session);
          begun.resolve(performance.now() - began);
        }
      })();
      const ended = expect(working).rejects.toBeInstanceOf(ReadModelsUnavailable);
      await pause(chance.next() * (await begun.promise)); // somewhere in the next batch
      await databases.kill();
      await ended;
      await databases.restart();
      await eventually(() => models.loadCheckpoint(MODEL));
      const { checkpoint, ahead } = await check(models);
      expect(checkpoint).toBeGreaterThanOrEqual(last);
      last = checkpoint;
      if (ahead > 0) torn += 1;

      await foldBatch(models, session); // goes on over what the kill left
      expect(await check(models)).toEqual({ checkpoint: last + BATCH, ahead: 0 });
    }
  },
);

function once<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
