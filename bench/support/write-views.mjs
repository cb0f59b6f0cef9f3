// node write-views.mjs FILE COMPLAINTS: writes the queue and the trends of COMPLAINTS complaints with the product's own code.
import { decoder } from '../../dist/projections/catalogue.js';
import { trends } from '../../dist/projections/trends/projection.js';
import { workQueue } from '../../dist/projections/work-queue/projection.js';
import { EmbeddedReadModels } from '../../dist/src/readmodels/embedded/embedded-read-models.js';
import { historyOf } from './histories.mjs';

const [, , file, complaints] = process.argv;
const BATCH = 10_000;

const readModels = EmbeddedReadModels.open(file);
const session = await readModels.openSession();
const models = [workQueue, trends].map((projection) => ({
  projection,
  collection: `${projection.name}@1.1`,
  at: null,
}));
for (const { projection, collection } of models) {
  await session.createCollection(collection, projection.indexes, 'later');
  await session.changeModel(await session.takeModel(projection.name), { live: collection, builds: 1 });
}
let position = 0;
for (let first = 0; first < Number(complaints); first += BATCH) {
  const writes = models.map(() => []);
  for (let n = first; n < Math.min(first + BATCH, Number(complaints)); n++) {
    // the complaints are in different stages: three in five are still open
    const { id, stream, events } = historyOf(n);
    const prefix = events.slice(0, 1 + ((n * 7) % events.length));
    const recorded = prefix.map((event, revision) =>
      decoder.decode({ ...event, stream, revision, position: String(++position).padStart(20, '0') }),
    );
    models.forEach(({ projection }, model) => {
      const document = recorded.reduce((before, event) => projection.evolve(before, event, id), null);
      const _position = recorded.at(-1).position;
      writes[model].push({ id, loaded: null, document: { ...document, _id: id, _position } });
    });
  }
  for (const [model, kept] of models.entries()) {
    const to = { storeId: 'bench', position: String(position).padStart(20, '0'), eventId: 'bench' };
    const { collection, at: from } = kept;
    const changes = [{ collection, writes: writes[model] }];
    const result = await session.write({ changes, checkpoint: { collection, from, to } });
    if (result.outcome !== 'written') throw new Error(`a batch was not written: ${result.outcome}`);
    kept.at = to;
  }
}
for (const { collection } of models) await session.buildIndexes(collection);
await readModels.close();
process.stdout.write('null\n');
