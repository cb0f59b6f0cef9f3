import type { Document, IndexSpec, ReadModels } from '../../../src/readmodels/read-models.js';
import { added, at } from './fixture.js';

/** Replaces the documents of a model that queries see: writes `documents` to a new collection and makes it live. */
export async function replaceLiveDocuments(
  readModels: ReadModels,
  { name, indexes }: { readonly name: string; readonly indexes: readonly IndexSpec[] },
  documents: Iterable<Document>,
): Promise<void> {
  const session = await readModels.openSession();
  const record = await session.takeOverModel(name);
  const collection = `${name}@1.${String(record.builds + 1)}`;
  await session.createCollection(collection, indexes);
  const writes = added([...documents]);
  await session.write({ changes: [{ collection, writes }], checkpoint: { collection, from: null, to: at('1') } });
  await session.changeModel(record, { live: collection, builds: record.builds + 1 });
  if (record.live !== null) await session.dropCollection(record.live);
}
