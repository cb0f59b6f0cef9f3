import { setTimeout as pause } from 'node:timers/promises';
import { withPlainTimes } from '../../src/eventstore/stored-moment.js';
import { openModel, type Collection, type Queryable } from '../../src/readmodels/active-model.js';
import { NotYetVisible } from '../../src/readmodels/read-models.js';
import { mergePages, pageIdsUpTo, type FilePage } from './pages.js';
import { complaintFile, type ComplaintFile, type StoredFile } from './projection.js';

type FileAnswer = Omit<ComplaintFile, 'lodgedBy'>;

/** Maximum reads of file and pages until they match: an engine may show some documents of a batch before others. */
const MAX_READS = 20;
const READ_INTERVAL_MS = 50;

/**
 * The file of a complaint by its id; undefined if the read model does not have this complaint.
 * @throws NotYetVisible if the pages do not match the file after {@link MAX_READS} reads
 */
export async function fileOf(readModels: Queryable, id: string): Promise<FileAnswer | undefined> {
  const documents = await openModel<StoredFile | FilePage>(readModels, complaintFile.name);
  for (let reads = 1; ; reads++) {
    const file = await read(documents, id);
    if (file !== 'inconsistent') return file;
    if (reads === MAX_READS) throw new NotYetVisible(`a part of the file of ${id} is not visible yet; retry`);
    await pause(READ_INTERVAL_MS);
  }
}

async function read(
  documents: Collection<StoredFile | FilePage>,
  id: string,
): Promise<FileAnswer | undefined | 'inconsistent'> {
  const [document] = await documents.find({ filter: { _id: id }, limit: 1 });
  if (document === undefined || !('entryCount' in document)) return undefined;
  const { _id, _position, lodgedBy: _lodgedBy, entryCount, ...file } = document;
  const pages = entryCount === 0 ? [] : await documents.getMany(pageIdsUpTo(id, file.revision));
  const merged = mergePages(
    file,
    entryCount,
    pages.flatMap((page) => ('entries' in page ? [page] : [])),
  );
  return merged === undefined ? 'inconsistent' : withPlainTimes(merged);
}

/** The id of the complaint with this reference, which must be normalised; undefined if there is none. */
export async function idOfReference(readModels: Queryable, reference: string): Promise<string | undefined> {
  const files = await openModel<ComplaintFile>(readModels, complaintFile.name);
  const [id] = await files.findIds({ filter: { reference }, limit: 1 });
  return id;
}

/**
 * The lodgings whose command has lodged another complaint than stated: the id of that complaint, by command id. One query
 * if all keys are new, or if each has lodged the stated complaint.
 */
export async function otherLodgings(
  readModels: Queryable,
  lodgings: readonly { readonly commandId: string; readonly complaint: string }[],
): Promise<ReadonlyMap<string, string>> {
  const files = await openModel<ComplaintFile>(readModels, complaintFile.name);
  const commandIds = lodgings.map(({ commandId }) => commandId);
  const lodged = new Set(await files.findIds({ filter: { lodgedBy: { $in: commandIds } }, limit: commandIds.length }));
  const others = new Map<string, string>();
  if (lodged.size === 0) return others;
  for (const { commandId, complaint } of lodgings) {
    if (lodged.has(complaint)) continue;
    const [id] = await files.findIds({ filter: { lodgedBy: commandId }, limit: 1 });
    if (id !== undefined) others.set(commandId, id);
  }
  return others;
}

/** The id of the complaint that the command with this id lodged; undefined if there is none. */
export async function idOfLodging(readModels: Queryable, commandId: string): Promise<string | undefined> {
  const files = await openModel<ComplaintFile>(readModels, complaintFile.name);
  const [id] = await files.findIds({ filter: { lodgedBy: commandId }, limit: 1 });
  return id;
}
