import type { Actor, Role } from './actor.js';

/** What a caller wants to do: a command by its name, or reading. */
export type Action = string;

/**
 * Forbidden actions by role. Empty: every credential of the installation may do everything that the domain itself
 * does not refuse (for example, a person named in the complaint cannot be assigned to it).
 */
const REFUSED: Readonly<Partial<Record<Role, ReadonlySet<Action>>>> = {};

/** Decides whether an actor may perform an action; the only place that does. */
export const mayDo = (actor: Actor, action: Action): boolean => REFUSED[actor.role]?.has(action) !== true;
