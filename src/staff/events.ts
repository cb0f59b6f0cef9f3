import type { Role } from '../access/actor.js';
import { defineEvent, type EventOf } from '../eventstore/envelope.js';
import type { Absence, StaffSource } from './person.js';

export const StaffRecorded = defineEvent<{
  readonly id: string;
  readonly name?: string;
  readonly units: readonly string[];
  readonly roles: readonly Role[];
  readonly skills: readonly string[];
  readonly absences: readonly Absence[];
  readonly source: StaffSource;
}>()('StaffRecorded', { personal: ['name'], open: ['id', 'units.*', 'skills.*', 'absences.*.from', 'absences.*.to'] });

export const StaffRetired = defineEvent<{ readonly reason?: string }>()('StaffRetired', { personal: ['reason'] });

export const staffEventTypes = [StaffRecorded, StaffRetired] as const;
export type StaffEvent = EventOf<(typeof staffEventTypes)[number]>;
