import { EventDecoder } from '../../src/eventstore/codec.js';
import type { Aggregate } from '../../src/eventstore/fold.js';
import type { LoopCommand } from '../../src/eventstore/loop-command.js';
import { instant } from '../../src/platform/moment.js';
import { HANDLER, NOON } from './given.js';

export interface Counted {
  readonly type: 'Counted';
  readonly data: { readonly text?: string };
}

/** Streams whose state is the number of their events. */
export const counters: Aggregate<number, Counted> = {
  prefix: 'counter-',
  decoder: new EventDecoder<Counted>([{ type: 'Counted', version: 1 }]),
  initial: () => 0,
  evolve: (count) => count + 1,
};

let commands = 0;

/** A new command that records one event with this text. */
export const countCommand = (id: string, text?: string): LoopCommand<number, Counted, string> => {
  const commandId = `command-${String(commands++)}`;
  return {
    id,
    commandId,
    commandDigest: 'd'.repeat(64),
    actor: HANDLER,
    correlationId: commandId,
    causationId: commandId,
    decide: () => ({
      events: [{ type: 'Counted', data: text === undefined ? {} : { text } }],
      occurredAt: instant(NOON),
    }),
  };
};
