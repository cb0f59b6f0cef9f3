import { defineEvent, type EventOf } from '../eventstore/envelope.js';

export const UnitRecorded = defineEvent<{
  readonly id: string;
  readonly name?: string;
  readonly parent?: string;
  readonly calendar?: string;
}>()('UnitRecorded', { open: ['id', 'name', 'parent', 'calendar'] });

export const UnitRetired = defineEvent<{ readonly reason?: string }>()('UnitRetired', { personal: ['reason'] });

export const unitEventTypes = [UnitRecorded, UnitRetired] as const;
export type UnitEvent = EventOf<(typeof unitEventTypes)[number]>;
