import type { Actor, ActorRole } from './actor.js';

/** Name of a command. */
export type Action = string;

/**
 * The only actions that a role may perform. A role that is not listed may send every command that {@link ONLY_FOR} does
 * not keep from it: the domain rejects some of them, for example the assignment of a complaint to an employee whom the
 * complaint names.
 */
const ALLOWED_ACTIONS: Readonly<Partial<Record<ActorRole, ReadonlySet<Action>>>> = {
  scheduler: new Set(['FinishSplitOff', 'LapseRemedyOffer', 'ReleaseHold']),
};

/** The actions that only these roles may perform. */
const ONLY_FOR: Readonly<Record<Action, readonly ActorRole[]>> = {
  RecordStaff: ['supervisor', 'administrator'],
  RetireStaff: ['supervisor', 'administrator'],
  RecordUnit: ['supervisor', 'administrator'],
  RetireUnit: ['supervisor', 'administrator'],
  PublishHousePolicy: ['supervisor', 'administrator'],
  PublishResponsePolicy: ['supervisor', 'administrator'],
  PublishTaxonomy: ['supervisor', 'administrator'],
};

/** Decides whether an actor may perform an action. No other code decides by role. */
export const mayDo = ({ role }: Pick<Actor, 'role'>, action: Action): boolean =>
  ALLOWED_ACTIONS[role]?.has(action) !== false && ONLY_FOR[action]?.includes(role) !== false;
