import type { Actor } from '../access/actor.js';
import type { CommandLoop } from '../eventstore/command-loop.js';
import { instant } from '../platform/moment.js';
import type { ReferenceSource } from '../reference/reference-source.js';
import type { Complaint } from './complaint.js';
import type { ComplaintEvent } from './events.js';
import { commandIdOf } from '../command/command-id.js';
import { eventsOfSplitOff, unfinishedSplitOffs } from './split-off.js';
import { TAXONOMY_VERSION } from './terms/vocabulary.js';

/** Stands for a credential in the command ids; no credential can have a name with a space. */
const CREDENTIAL = 'redress split off';

/** The digest of a command that has no body. */
const NO_BODY = '0'.repeat(64);

export interface Opening {
  /** Id of the complaint that points were split off from. */
  readonly origin: string;
  /** Id of the second file. */
  readonly complaintId: string;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId: string;
  readonly reference: ReferenceSource;
  /** By `performance.now()`. */
  readonly deadline: number;
}

/**
 * Opens the second file of a split-off, unless it exists. Its command id follows from both files, so that a repetition
 * records nothing. Returns false if the store did not record it in time.
 */
export async function openSplitOff(
  loop: CommandLoop<Complaint, ComplaintEvent>,
  { origin, complaintId, actor, correlationId, causationId, reference, deadline }: Opening,
): Promise<boolean> {
  const { state } = await loop.load(origin, deadline);
  const file = unfinishedSplitOffs(state).find((unfinished) => unfinished.complaintId === complaintId);
  if (file === undefined) return true; // the decider of the link says why nothing is to be done
  const outcome = await loop.submit<'no_events'>(
    {
      id: complaintId,
      commandId: commandIdOf(CREDENTIAL, `${origin}/${complaintId}`),
      commandDigest: NO_BODY,
      actor,
      correlationId,
      causationId,
      taxonomyVersion: TAXONOMY_VERSION,
      startsStream: true,
      decide: (folded, now) => {
        const { first: opened } = folded.commands;
        if (opened !== undefined) return { known: opened };
        const occurredAt = instant(now);
        const [first, ...rest] = eventsOfSplitOff(state, file, {
          now,
          occurredAt,
          actor,
          reference: reference.at(now),
        });
        if (first === undefined) return { refusal: 'no_events' };
        return { events: [first, ...rest], occurredAt, occurredAtBasis: 'recorded' };
      },
    },
    deadline,
  );
  return outcome.kind === 'recorded' || outcome.kind === 'key_reused';
}
