import { isUpstream, type Actor } from '../access/actor.js';
import type { ComplaintCommand } from './commands/parts.js';
import { unmet, type Unmet } from './decision.js';

/**
 * What only a sending system may leave open or state: the person for whom it acts, and a channel that it does not know.
 * A hold without a reason or an end is checked with the hold.
 */
export function upstreamOnlyProblems(command: ComplaintCommand, actor: Actor): Unmet[] {
  if (isUpstream(actor)) return [];
  const channels = pointersToOpenChannels(command).map((pointer) =>
    unmet('not_for_this_role', 'only an upstream system may leave the channel open; give the channel', pointer),
  );
  return command.onBehalfOf === undefined
    ? channels
    : [
        unmet(
          'not_for_this_role',
          'only a system with the role upstream sends for another person; act with your own credential',
          '/onBehalfOf',
        ),
        ...channels,
      ];
}

/** Pointers to the fields `channel` that are not stated, in the command and in those that it includes. */
const pointersToOpenChannels = (fields: object, path = ''): string[] =>
  Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    const pointer = `${path}/${name}`;
    if (name === 'channel' && value === 'not_stated') return [pointer];
    return typeof value === 'object' && value !== null ? pointersToOpenChannels(value, pointer) : [];
  });
