// node write-views.mjs FILE COMPLAINTS [varied]: writes the read models complaints and trends of COMPLAINTS complaints to
// FILE, with the code of the service; with `varied` only the read model complaints, of the complaints of
// varied-complaints.mjs.
import { decoder } from '../../dist/projections/catalogue.js';
import { complaints as complaintList } from '../../dist/projections/complaints/projection.js';
import { trends } from '../../dist/projections/trends/projection.js';
import { EmbeddedReadModels } from '../../dist/src/readmodels/embedded/embedded-read-models.js';
import { historyOf } from './histories.mjs';
import { variedComplaint } from './varied-complaints.mjs';

const [, , file, complaints, form] = process.argv;
const isVaried = form === 'varied';
/** Complaints per batch. */
const BATCH = 10_000;

const readModels = EmbeddedReadModels.open(file);
const session = await readModels.openSession();
const models = (isVaried ? [complaintList] : [complaintList, trends]).map((projection) => ({
  projection,
  collection: `${projection.name}@1.1`,
  checkpoint: null,
}));
for (const { projection, collection } of models) {
  await session.createCollection(collection, projection.indexes, 'later');
  await session.changeModel(await session.takeOverModel(projection.name), { live: collection, builds: 1 });
}
let position = 0;
for (let first = 0; first < Number(complaints); first += BATCH) {
  const writes = models.map(() => []);
  for (let n = first; n < Math.min(first + BATCH, Number(complaints)); n++) {
    const { id, recorded } = isVaried ? variedComplaint(n, Number(complaints), position + 1) : simpleComplaint(n);
    position += recorded.length;
    models.forEach(({ projection }, index) => {
      const document = recorded.reduce((previous, event) => projection.evolve(previous, event, id), null);
      const _position = recorded.at(-1).position;
      writes[index].push({ id, loaded: null, document: { ...document, _id: id, _position } });
    });
  }
  for (const [index, model] of models.entries()) {
    const to = { storeId: 'bench', position: String(position).padStart(20, '0'), eventId: 'bench' };
    const { collection, checkpoint: from } = model;
    const changes = [{ collection, writes: writes[index] }];
    const result = await session.write({ changes, checkpoint: { collection, from, to } });
    if (result.outcome !== 'written') throw new Error(`a batch was not written: ${result.outcome}`);
    model.checkpoint = to;
  }
}
for (const { collection } of models) await session.buildIndexes(collection);
await readModels.close();
process.stdout.write('null\n'); // runProgram expects a result in JSON

/** Complaint number n of histories.mjs, with a different number of events of each, so that they are in different stages. */
function simpleComplaint(n) {
  const { id, stream, events } = historyOf(n);
  const prefix = events.slice(0, 1 + ((n * 7) % events.length));
  const recorded = prefix.map((event, revision) =>
    decoder.decode({ ...event, stream, revision, position: String(position + 1 + revision).padStart(20, '0') }),
  );
  return { id, recorded };
}
