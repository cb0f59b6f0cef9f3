import { setTimeout as pause } from 'node:timers/promises';
import { openMongoReadModels, type MongoReadModels } from '../../src/readmodels/mongodb/mongo-read-models.js';
import {
  ReadModelsUnavailable,
  type Checkpoint,
  type Document,
  type WriteSession,
} from '../../src/readmodels/read-models.js';
import { eventually } from '../support/eventually.js';
import { Databases, REAL_MONGODB } from '../support/mongo/databases.js';
import { Chance } from '../support/service/chance.js';
import { shortOrFull, seed } from '../support/service/extent.js';

const KILLS = shortOrFull(3, 20);
const MODEL = 'counters@1.1';
const COUNTERS = 400;
/** Number of events in a batch. */
const BATCH = 600;

/** The counter that the event at a position (from 1) increments. Each counter recurs, at irregular distances. */
const counterOf = (position: number): string => `c${String(((position * 7919) % COUNTERS) ^ (position % 3))}`;
const padded = (position: number): string => String(position).padStart(12, '0');
const checkpointAt = (position: number): Checkpoint => ({
  storeId: 'store',
  position: padded(position),
  eventId: `event ${String(position)}`,
});

/** The number of the events of a counter, and the sum of their positions. */
interface Sums {
  readonly count: number;
  readonly sum: number;
}

/** The expected sums of each counter after each of its events. */
class ExpectedSums {
  private readonly steps = new Map<string, (Sums & { readonly position: number })[]>();
  private lastPosition = 0;

  /** The sums of a counter over all events up to a position. */
  at(counter: string, position: number): Sums {
    for (; this.lastPosition < position; this.lastPosition += 1) this.add(this.lastPosition + 1);
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

/**
 * Folds the batch after the checkpoint as the projection runner does: loads documents, skips events that they include,
 * writes the documents and moves the checkpoint.
 */
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
    checkpoint: { collection: MODEL, from, to: checkpointAt(begin + BATCH) },
  });
  expect(result).toEqual({ outcome: 'written' });
}

/**
 * Expects that every counter includes each of its events at most once, and at least those up to the checkpoint. Returns
 * the checkpoint and the number of counters that are ahead of it.
 */
async function check(models: MongoReadModels): Promise<{ readonly checkpoint: number; readonly ahead: number }> {
  const checkpoint = Number((await models.loadCheckpoint(MODEL))?.position ?? 0);
  const documents = (await models.find(MODEL, {})) as Counter[];
  const stored = new Map(documents.map((document) => [document._id, document]));
  let ahead = 0;
  // these positions have every counter: the sequence of counters recurs after COUNTERS * 3 positions
  for (const counter of new Set(Array.from({ length: COUNTERS * 4 }, (_, n) => counterOf(n + 1)))) {
    const document = stored.get(counter);
    const atCheckpoint = expectedSums.at(counter, checkpoint);
    if (document === undefined) expect({ counter, ...atCheckpoint }).toEqual({ counter, count: 0, sum: 0 });
    else {
      const { count, sum } = document;
      expect({ counter, count, sum }).toEqual({ counter, ...expectedSums.at(counter, Number(document._position)) });
      expect(count).toBeGreaterThanOrEqual(atCheckpoint.count);
      if (count > atCheckpoint.count) ahead += 1;
    }
  }
  return { checkpoint, ahead };
}

const expectedSums = new ExpectedSums();
const databases = new Databases();
/** Only the stand-in may be killed, not a real server. */
const mayKill = REAL_MONGODB === undefined;
beforeAll(() => databases.start());
afterAll(() => databases.stop());

let models: MongoReadModels;
afterEach(() => models.close());

(mayKill ? test : test.skip)(
  `after ${String(KILLS)} kills of MongoDB during a batch, no event is lost or folded twice (a real server is not killed)`,
  async () => {
    models = await openMongoReadModels(databases.url, {
      database: databases.next(),
      serverSelectionTimeoutMS: 2_000,
    });
    const session = await models.openSession();
    await session.createCollection(MODEL, [{ fields: { count: 1 } }]);
    await foldBatch(models, session);
    const chance = new Chance(seed);
    let incompleteBatches = 0;
    let lastCheckpoint = 0;
    // continues until at least one kill interrupted the writes of a batch; the other kills prove nothing
    for (let kill = 0; kill < KILLS || incompleteBatches === 0; kill += 1) {
      const firstBatch = deferred<number>();
      const folding = (async () => {
        for (;;) {
          const started = performance.now();
          await foldBatch(models, session);
          firstBatch.resolve(performance.now() - started);
        }
      })();
      const ended = expect(folding).rejects.toBeInstanceOf(ReadModelsUnavailable);
      const batchMs = await firstBatch.promise;
      await pause(chance.next() * batchMs); // until a random moment of the next batch
      await databases.kill();
      await ended;
      await databases.restart();
      await eventually(() => models.loadCheckpoint(MODEL));
      const { checkpoint, ahead } = await check(models);
      expect(checkpoint).toBeGreaterThanOrEqual(lastCheckpoint);
      lastCheckpoint = checkpoint;
      if (ahead > 0) incompleteBatches += 1;

      await foldBatch(models, session); // some of its documents may already be written
      expect(await check(models)).toEqual({ checkpoint: lastCheckpoint + BATCH, ahead: 0 });
    }
  },
);

/** A promise and the function that resolves it. */
function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
