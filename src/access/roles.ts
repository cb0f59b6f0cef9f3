import type { Actor, Role } from './actor.js';

/** Name of a command. */
export type Action = string;

/**
 * The actions that are forbidden to a role. There are none at present: every role may send every command. The domain
 * still rejects some commands, for example the assignment of a complaint to an employee whom the complaint names.
 */
const FORBIDDEN_ACTIONS: Readonly<Partial<Record<Role, ReadonlySet<Action>>>> = {};

/** Decides whether an actor may perform an action. No other code decides by role. */
export const mayDo = (actor: Actor, action: Action): boolean => FORBIDDEN_ACTIONS[actor.role]?.has(action) !== true;
