import { catalogue } from '../../projections/catalogue.js';
import { complaintFile } from '../../projections/complaint-file/projection.js';
import { idOfLodging, idOfReference } from '../../projections/complaint-file/query.js';
import { lastProjected } from '../projection/history.js';
import type { CommandServiceOptions } from '../complaint/command-service.js';
import { NotYetVisible } from '../readmodels/read-models.js';
import type { Stores } from './stores.js';

const PATIENCE_MS = 5000;

type Looked = Pick<Stores, 'eventStore' | 'readModels' | 'projections'>;

/** Finds the id behind a reference, and behind the command that lodged a complaint, in the view of the files. */
export const lookups = (stores: Looked): Pick<CommandServiceOptions, 'findByReference' | 'findByLodging'> => ({
  findByReference: (reference) => patiently(stores, () => idOfReference(stores.readModels, reference)),
  findByLodging: (commandId) => patiently(stores, () => idOfLodging(stores.readModels, commandId)),
});

/**
 * Before it says no, it lets the view catch up with what is recorded.
 * @throws NotYetVisible when the view does not: it may be behind, paused or halted, and the complaint recorded
 */
async function patiently(
  { eventStore, projections }: Looked,
  look: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const found = await look();
  if (found !== undefined) return found;
  const head = await lastProjected(eventStore, catalogue);
  if (head === null) return undefined;
  if (!(await projections.waitFor(complaintFile.name, head, PATIENCE_MS)))
    throw new NotYetVisible('what this reference or key means cannot be looked up yet: send the same again');
  return look();
}
