import { setTimeout as pause } from 'node:timers/promises';
import { withPlainTimes } from '../../src/eventstore/stored-moment.js';
import { openModel, type Collection, type Queryable } from '../../src/readmodels/active-model.js';
import { NotYetVisible } from '../../src/readmodels/read-models.js';
import { mergePages, pageIdsUpTo, type FilePage } from './pages.js';
import { complaintFile, type ComplaintFile, type StoredFile } from './projection.js';

type FileAnswer = Omit<ComplaintFile, 'lodgedBy'>;

/** Maximum reads of file and pages until they are consistent: an engine may show one document of a batch before another. */
const MAX_READS = 20;
const READ_INTERVAL_MS = 50;

/**
 * The file of a complaint by its id; undefined if there is none, or none yet (see `minPosition`).
 * @throws NotYetVisible if its pages remain behind the file
 */
export async function fileOf(readModels: Queryable, id: string): Promise<FileAnswer | undefined> {
  const documents = await openModel<StoredFile | FilePage>(readModels, complaintFile.name);
  for (let reads = 1; ; reads++) {
    const file = await read(documents, id);
    if (file !== 'torn') return file;
    if (reads === MAX_READS) throw new NotYetVisible(`a part of the file of ${id} is not visible yet; retry`);
    await pause(READ_INTERVAL_MS);
  }
}

async function read(
  documents: Collection<StoredFile | FilePage>,
  id: string,
): Promise<FileAnswer | undefined | 'torn'> {
  const [found] = await documents.find({ filter: { _id: id }, limit: 1 });
  if (found === undefined || !('entryCount' in found)) return undefined;
  const { _id, _position, lodgedBy: _lodgedBy, entryCount, ...file } = found;
  const ids = entryCount === 0 ? [] : pageIdsUpTo(id, file.revision);
  const pages = ids.length === 0 ? [] : await documents.getMany(ids);
  const whole = mergePages(
    file,
    entryCount,
    pages.flatMap((page) => ('entries' in page ? [page] : [])),
  );
  return whole === undefined ? 'torn' : withPlainTimes(whole);
}

/** The id of the complaint with this normalised reference; undefined if there is none. */
export async function idOfReference(readModels: Queryable, reference: string): Promise<string | undefined> {
  const files = await openModel<ComplaintFile>(readModels, complaintFile.name);
  const [found] = await files.findIds({ filter: { reference }, limit: 1 });
  return found;
}

/** The id of the complaint that this command lodged; undefined if it lodged none. */
export async function idOfLodging(readModels: Queryable, commandId: string): Promise<string | undefined> {
  const files = await openModel<ComplaintFile>(readModels, complaintFile.name);
  const [found] = await files.findIds({ filter: { lodgedBy: commandId }, limit: 1 });
  return found;
}
