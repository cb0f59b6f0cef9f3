import { complaints, receivedAtOf, type ComplaintEntry } from '../../projections/complaints/projection.js';
import { referenceOf } from '../complaint/reference.js';
import type { Channel, Priority, Severity, Stage } from '../complaint/terms/vocabulary.js';
import type { Moment } from '../platform/moment.js';
import { openModel, type Queryable } from '../readmodels/active-model.js';

/**
 * What a list shows of a complaint, open or ended, so that people recognise it. null: not known, or not visible in the read
 * model yet.
 */
export interface ComplaintRow {
  readonly id: string;
  readonly reference: string;
  readonly open: boolean | null;
  readonly stage: Stage | null;
  readonly receivedAt: Moment | null;
  readonly channel: Channel | null;
  /** Name of the first complainant. */
  readonly complainant: string | null;
  readonly product: string | null;
  readonly category: string | null;
  readonly issue: string | null;
  readonly handler: string | null;
  readonly orgUnit: string | null;
  readonly severity: Severity | null;
  readonly priority: Priority | null;
}

/** The rows of these complaints that the read model has, by id. It has ended complaints too. */
export async function complaintRows(
  readModels: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ComplaintRow>> {
  if (ids.length === 0) return new Map();
  const entries = await (await openModel<ComplaintEntry>(readModels, complaints.name)).getMany(ids);
  return new Map(
    entries.map((entry) => {
      const { _id: id, reference, open, stage, channel } = entry;
      const { complainant, product, category, issue, handler, orgUnit, severity, priority } = entry;
      const about = { complainant, product, category, issue };
      const work = { handler, orgUnit, severity, priority };
      return [id, { id, reference, open, stage, receivedAt: receivedAtOf(entry), channel, ...about, ...work }];
    }),
  );
}

/** The row of a complaint that the read model does not show yet. */
export const unknownRow = (id: string): ComplaintRow => ({
  id,
  reference: referenceOf(id),
  open: null,
  stage: null,
  receivedAt: null,
  channel: null,
  complainant: null,
  product: null,
  category: null,
  issue: null,
  handler: null,
  orgUnit: null,
  severity: null,
  priority: null,
});
