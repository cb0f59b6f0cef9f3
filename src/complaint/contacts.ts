import type { RecordExternalOutcome } from './commands/feedback.js';
import type { AddNote, RecordContact } from './commands/intake.js';
import { nothingToChange, withoutUndefined, refusal, unmet, type Decider } from './decision.js';
import { ComplainantChased, ContactRecorded, ExternalOutcomeRecorded, NoteAdded } from './events.js';
import { idFor, received, unknownParty } from './guards.js';
import { inFuture } from './time.js';

/** Contacts and notes (T26) and the outcome in a public register (T25): they can be recorded at any time. */

export const recordContact = {
  guards: [received],
  decide: (command, complaint, { now, occurredAt }) => {
    const { direction, channel, party, result, substantive = false, asksForUpdate = false, content } = command;
    const rejection = refusal(
      unknownParty(complaint, party, '/party'),
      inFuture(command.at, now, '/at'),
      asksForUpdate && direction === 'outbound'
        ? unmet('not_inbound', 'only an inbound contact can ask for an update (direction: outbound)', '/asksForUpdate')
        : undefined,
    );
    if (rejection) return rejection;
    const contactId = idFor(
      'c',
      undefined,
      complaint.contacts.map((contact) => contact.contactId),
    );
    const at = command.at ?? occurredAt;
    return [
      ContactRecorded(withoutUndefined({ contactId, direction, channel, party, at, result, substantive, content })),
      ...(asksForUpdate ? [ComplainantChased({ contactId, at })] : []),
    ];
  },
} satisfies Decider<RecordContact>;

export const addNote = {
  guards: [received],
  decide: ({ text }, { notes }) => [
    NoteAdded({
      noteId: idFor(
        'n',
        undefined,
        notes.map(({ noteId }) => noteId),
      ),
      text,
    }),
  ],
} satisfies Decider<AddNote>;

export const recordExternalOutcome = {
  guards: [
    received,
    (_complaint, { actor }) =>
      actor.type === 'upstream' || actor.type === 'automation' || actor.role === 'upstream'
        ? undefined
        : unmet('not_for_this_role', 'only an importer or an upstream system can record a register outcome'),
  ],
  decide: ({ register, response, publicResponse, timely, disputed, statedOn }, { external }, { now }) => {
    const same =
      external !== null &&
      external.register === register &&
      external.response === response &&
      external.publicResponse === publicResponse &&
      external.timely === timely &&
      external.disputed === disputed &&
      JSON.stringify(external.statedOn) === JSON.stringify(statedOn);
    return (
      refusal(
        inFuture(statedOn, now, '/statedOn'),
        same ? nothingToChange('this register outcome is already recorded') : undefined,
      ) ?? [
        ExternalOutcomeRecorded(withoutUndefined({ register, response, publicResponse, timely, disputed, statedOn })),
      ]
    );
  },
} satisfies Decider<RecordExternalOutcome>;
