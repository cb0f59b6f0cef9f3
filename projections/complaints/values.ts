import { openModel, type Queryable } from '../../src/readmodels/active-model.js';
import { valuesOfField } from '../values-of-field.js';
import type { JsonObject } from '../../src/platform/json.js';
import { complaints, type ComplaintEntry } from './projection.js';

/** Whether a complaint, open or not, has a source of this system. */
export const hasSource = (readModels: Queryable, system: string): Promise<boolean> =>
  hasComplaint(readModels, { sources: system });

/** Fields whose values are ids or names that an installation chooses. */
export type AssignmentField = 'handler' | 'orgUnit';

/** Whether a complaint, open or not, has this handler or unit now. */
export const hasAssignment = (readModels: Queryable, field: AssignmentField, value: string): Promise<boolean> =>
  hasComplaint(readModels, { [field]: value });

/** The handlers or units of all complaints, the most frequent first. */
export const assignmentsOf = (readModels: Queryable, field: AssignmentField): Promise<string[]> =>
  valuesOfField(readModels, complaints.name, field);

async function hasComplaint(readModels: Queryable, filter: JsonObject): Promise<boolean> {
  const entries = await openModel<ComplaintEntry>(readModels, complaints.name);
  return (await entries.findIds({ filter, limit: 1 })).length > 0;
}
