import { ask, type Queried } from '../live-model.js';
import { withPlainTimes } from '../run-times.js';
import { complaintFile, type ComplaintFile } from './projection.js';

/** The file of a complaint by its id; undefined when there is none (yet: see `minPosition`). */
export async function fileOf(readModels: Queried, id: string): Promise<ComplaintFile | undefined> {
  const [found] = await ask(readModels, complaintFile.name, (collection) =>
    readModels.find(collection, { filter: { _id: id }, limit: 1 }),
  );
  if (found === undefined) return undefined;
  const { _id, _position, ...file } = found;
  return withPlainTimes(file as unknown as ComplaintFile);
}

/** The id of the complaint with that reference, written as the register has it; undefined when there is none. */
export async function idOfReference(readModels: Queried, reference: string): Promise<string | undefined> {
  const [found] = await ask(readModels, complaintFile.name, (collection) =>
    readModels.find(collection, { filter: { reference }, limit: 1, fields: ['reference'] }),
  );
  return found?._id;
}
