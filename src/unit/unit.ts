import { commandRow, type AggregateTable } from '../command/aggregate-table.js';
import {
  nothingToChange,
  rejectionOf,
  unmet,
  withoutUndefined,
  type DeciderOf,
  type DecisionContext,
} from '../command/decision.js';
import { EventDecoder } from '../eventstore/codec.js';
import type { Recorded } from '../eventstore/envelope.js';
import { earliest } from '../platform/moment.js';
import { isSameId } from '../staff/person.js';
import { RecordUnit, RetireUnit } from './commands.js';
import { UnitRecorded, UnitRetired, unitEventTypes, type UnitEvent } from './events.js';
import type { Unit } from './org-unit.js';

/** The units of the organisation: each unit is a stream. */

export const UNIT_STREAMS = 'unit-';

export interface UnitState {
  /** null before the unit is recorded. */
  readonly unit: Unit | null;
}

/** What the rules of a unit know besides the unit. */
export interface UnitContext extends DecisionContext {
  readonly id: string;
  readonly unitWithId: (id: string) => Unit | undefined;
}

export function evolveUnit(state: UnitState, { type, data, metadata }: Recorded<UnitEvent>): UnitState {
  if (type === 'UnitRecorded') return { unit: data as Unit };
  return state.unit === null ? state : { unit: { ...state.unit, retiredAt: earliest(metadata.occurredAt) } };
}

export const recordUnit: DeciderOf<RecordUnit, UnitState, UnitEvent, UnitContext> = {
  guards: [],
  decide: (command, { unit }, { id, unitWithId }) => {
    const { name = unit?.name, parent = unit?.parent, calendar = unit?.calendar } = command;
    const isUnchanged =
      unit !== null &&
      unit.retiredAt === undefined &&
      unit.name === name &&
      unit.parent === parent &&
      unit.calendar === calendar;
    return (
      rejectionOf(
        parent === undefined ? undefined : wrongParent(id, parent, unitWithId),
        isUnchanged ? nothingToChange(`${unit.id} is already recorded so`) : undefined,
      ) ?? [UnitRecorded(withoutUndefined({ id: unit?.id ?? id, name, parent, calendar }))]
    );
  },
};

/** The problem of a parent that does not exist, or that belongs to the unit. */
function wrongParent(id: string, parent: string, unitWithId: UnitContext['unitWithId']) {
  if (unitWithId(parent) === undefined && !isSameId(parent, id))
    return unmet('unknown_unit', `there is no unit ${parent}; record it with \`unit\` first`, '/parent');
  const seen: string[] = [];
  for (let above: string | undefined = parent; above !== undefined; above = unitWithId(above)?.parent) {
    if (isSameId(above, id)) return unmet('unit_cycle', `${parent} belongs to ${id}; give another parent`, '/parent');
    if (seen.includes(above)) return undefined;
    seen.push(above);
  }
  return undefined;
}

export const retireUnit: DeciderOf<RetireUnit, UnitState, UnitEvent, UnitContext> = {
  guards: [
    ({ unit }, { id }) =>
      unit === null
        ? unmet('unknown_unit', `there is no unit ${id}; record it with \`unit\` first`)
        : unit.retiredAt === undefined
          ? undefined
          : nothingToChange(`${unit.id} is already dissolved`),
  ],
  decide: ({ reason }) => [UnitRetired(withoutUndefined({ reason }))],
};

export const unitTable: AggregateTable<UnitState, UnitEvent, UnitContext> = {
  collection: 'units',
  noun: 'unit',
  aggregate: {
    prefix: UNIT_STREAMS,
    decoder: new EventDecoder<UnitEvent>(unitEventTypes),
    initial: () => ({ unit: null }),
    evolve: evolveUnit,
  },
  commands: [commandRow('record', RecordUnit, recordUnit), commandRow('retire', RetireUnit, retireUnit)],
};
