import type { AggregateTable } from '../command/aggregate-table.js';
import type { DecisionContext } from '../command/decision.js';
import type { DomainEvent } from '../eventstore/envelope.js';
import { housePolicyTable } from '../house-policy/house-policy.js';
import { responsePolicyTable } from '../response-policy/publishing.js';
import { staffTable, type StaffContext } from '../staff/staff.js';
import type { StaffSource } from '../staff/person.js';
import { taxonomyTable } from '../taxonomy/taxonomy.js';
import { unitTable, type UnitContext } from '../unit/unit.js';
import type { ReferenceData } from './reference-data.js';

/** What the deciders of reference data know: the sum of what each asks for. */
export type ReferenceContext = StaffContext & UnitContext & DecisionContext;

/** An aggregate of reference data, whatever its state. */
export type ReferenceTable = AggregateTable<unknown, DomainEvent, ReferenceContext>;

/** Hides the types of state and events, which only the table itself passes to its deciders and its fold. */
const erased = <State, Event extends DomainEvent, Context>(
  table: ReferenceContext extends Context ? AggregateTable<State, Event, Context> : never,
): ReferenceTable => table as unknown as ReferenceTable;

/** The aggregates of reference data. */
export const referenceTables: readonly ReferenceTable[] = [
  erased(staffTable),
  erased(unitTable),
  erased(housePolicyTable),
  erased(responsePolicyTable),
  erased(taxonomyTable),
];

/** The prefixes of their streams. */
export const REFERENCE_STREAMS: readonly string[] = referenceTables.map(({ aggregate }) => aggregate.prefix);

export const referenceContext = (
  context: DecisionContext,
  id: string,
  reference: ReferenceData,
  source: StaffSource,
): ReferenceContext => ({
  ...context,
  id,
  source,
  isKnownUnit: (unit) =>
    reference.units.unit(unit)?.retiredAt === undefined && reference.units.unit(unit) !== undefined,
  unitWithId: (unit) => reference.units.unit(unit),
});
