import type { Actor, Role } from './actor.js';

/** What a caller asks for: a command by its name, or reading. */
export type Action = string;

/**
 * Which role may not do what. Empty: every credential of the installation may do everything that the domain itself
 * does not refuse (for example, a person named in the complaint cannot be assigned to it).
 */
const REFUSED: Readonly<Partial<Record<Role, ReadonlySet<Action>>>> = {};

/** The one place that answers who may do what. */
export const mayDo = (actor: Actor, action: Action): boolean => REFUSED[actor.role]?.has(action) !== true;
