import { ask, type Queried } from '../../src/readmodels/active-model.js';
import { withPlainTimes } from '../../src/projection/stored-moment.js';
import { complaintFile, type ComplaintFile } from './projection.js';

/** The file of a complaint by its id; undefined when there is none (yet: see `minPosition`). */
export async function fileOf(readModels: Queried, id: string): Promise<Omit<ComplaintFile, 'lodgedBy'> | undefined> {
  const [found] = await ask(readModels, complaintFile.name, (collection) =>
    readModels.find(collection, { filter: { _id: id }, limit: 1 }),
  );
  if (found === undefined) return undefined;
  const { _id, _position, lodgedBy: _lodgedBy, ...file } = found;
  return withPlainTimes(file as unknown as Omit<ComplaintFile, 'lodgedBy'>);
}

/** The id of the complaint with that reference, written as the register has it; undefined when there is none. */
export async function idOfReference(readModels: Queried, reference: string): Promise<string | undefined> {
  const [found] = await ask(readModels, complaintFile.name, (collection) =>
    readModels.find(collection, { filter: { reference }, limit: 1, fields: ['reference'] }),
  );
  return found?._id;
}

/** The id of the complaint that this command lodged; undefined when it lodged none. */
export async function idOfLodging(readModels: Queried, commandId: string): Promise<string | undefined> {
  const [found] = await ask(readModels, complaintFile.name, (collection) =>
    readModels.find(collection, { filter: { lodgedBy: commandId }, limit: 1, fields: ['lodgedBy'] }),
  );
  return found?._id;
}
