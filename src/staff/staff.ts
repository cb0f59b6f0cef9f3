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
import { isEqualJson } from '../platform/json.js';
import { earliest, latest } from '../platform/moment.js';
import { RecordStaff, RetireStaff } from './commands.js';
import { StaffRecorded, StaffRetired, staffEventTypes, type StaffEvent } from './events.js';
import type { Person, StaffSource } from './person.js';

/** The directory of people who act: each person is a stream. */

export const STAFF_STREAMS = 'staff-';

export interface StaffState {
  /** null before the person is recorded. */
  readonly person: Person | null;
}

/** What the rules of the directory know besides the person. */
export interface StaffContext extends DecisionContext {
  readonly id: string;
  /** How the directory comes to know the person. */
  readonly source: StaffSource;
  readonly isKnownUnit: (id: string) => boolean;
}

export function evolveStaff(state: StaffState, { type, data, metadata }: Recorded<StaffEvent>): StaffState {
  if (type === 'StaffRecorded') return { person: data as Person };
  return state.person === null ? state : { person: { ...state.person, retiredAt: earliest(metadata.occurredAt) } };
}

export const recordStaff: DeciderOf<RecordStaff, StaffState, StaffEvent, StaffContext> = {
  guards: [],
  decide: ({ name, units, roles, skills, absences }, { person }, { id, source, isKnownUnit }) => {
    const recorded = withoutUndefined({
      id: person?.id ?? id,
      name: name ?? person?.name,
      units: units ?? person?.units ?? [],
      roles: roles ?? person?.roles ?? [],
      skills: skills ?? person?.skills ?? [],
      absences: absences?.map(({ from, to }) => ({ from: earliest(from), to: latest(to) })) ?? person?.absences ?? [],
      source: person?.source ?? source,
    });
    const isUnchanged = isEqualJson(person, recorded);
    return (
      rejectionOf(
        recorded.units.flatMap((unit, index) =>
          isKnownUnit(unit)
            ? []
            : [
                unmet(
                  'unknown_unit',
                  `there is no unit ${unit}; record it with \`unit\` first`,
                  `/units/${String(index)}`,
                ),
              ],
        ),
        recorded.absences.flatMap(({ from, to }, index) =>
          from < to
            ? []
            : [unmet('ends_before_it_begins', 'the absence ends before it begins', `/absences/${String(index)}/to`)],
        ),
        isUnchanged ? nothingToChange(`${recorded.id} is already recorded so`) : undefined,
      ) ?? [StaffRecorded(recorded)]
    );
  },
};

export const retireStaff: DeciderOf<RetireStaff, StaffState, StaffEvent, StaffContext> = {
  guards: [
    ({ person }, { id }) =>
      person === null
        ? unmet('unknown_person', `${id} is not in the directory; record the person with \`staff\` first`)
        : person.retiredAt === undefined
          ? undefined
          : nothingToChange(`${person.id} has already left the staff`),
  ],
  decide: ({ reason }) => [StaffRetired(withoutUndefined({ reason }))],
};

export const staffTable: AggregateTable<StaffState, StaffEvent, StaffContext> = {
  collection: 'staff',
  noun: 'person',
  aggregate: {
    prefix: STAFF_STREAMS,
    decoder: new EventDecoder<StaffEvent>(staffEventTypes),
    initial: () => ({ person: null }),
    evolve: evolveStaff,
  },
  commands: [commandRow('record', RecordStaff, recordStaff), commandRow('retire', RetireStaff, retireStaff)],
};
