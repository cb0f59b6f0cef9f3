import { catalogue } from '../../projections/catalogue.js';
import { complaintFile } from '../../projections/complaint-file/projection.js';
import { idOfLodging, idOfReference, otherLodgings } from '../../projections/complaint-file/query.js';
import { headForProjections } from '../projection/history.js';
import type { CommandServiceOptions } from '../complaint/command-service.js';
import { NotYetVisible } from '../readmodels/read-models.js';
import type { Stores } from './stores.js';

const CATCH_UP_TIMEOUT_MS = 5000;

type LookupStores = Pick<Stores, 'eventStore' | 'readModels' | 'projections'>;

/**
 * Finds the id of a complaint by its reference, or by the command that lodged it, in the read model of complaint files.
 */
export const lookups = (
  stores: LookupStores,
): Pick<CommandServiceOptions, 'findByReference' | 'findByLodgingCommand' | 'findOtherLodgings'> => ({
  findByReference: (reference) => findCaughtUp(stores, () => idOfReference(stores.readModels, reference)),
  findOtherLodgings: (lodgings) => otherLodgings(stores.readModels, lodgings),
  findByLodgingCommand: (commandId) => findCaughtUp(stores, () => idOfLodging(stores.readModels, commandId)),
});

/**
 * Looks up an id. If there is none, waits until the read model has caught up with the log, and looks it up again.
 * @throws NotYetVisible if the read model does not catch up within 5 s; the complaint may be recorded all the same
 */
async function findCaughtUp(
  { eventStore, projections }: LookupStores,
  lookUp: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const found = await lookUp();
  if (found !== undefined) return found;
  const head = await headForProjections(eventStore, catalogue);
  if (head === null) return undefined;
  if (!(await projections.waitFor(complaintFile.name, head, CATCH_UP_TIMEOUT_MS)))
    throw new NotYetVisible(
      'the read model that resolves this reference or key is not up to date; send the same request again',
    );
  return lookUp();
}
