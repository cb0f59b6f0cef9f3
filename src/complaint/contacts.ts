import type { RecordExternalOutcome } from './commands/feedback.js';
import type { AddNote, RecordContact } from './commands/intake.js';
import { nothingToChange, present, refusal, unmet, type Decider } from './decision.js';
import { ComplainantChased, ContactRecorded, ExternalOutcomeRecorded, NoteAdded } from './events.js';
import { idFor, received, unknownParty } from './guards.js';
import { inFuture } from './time.js';

/** What is recorded at any time: contacts and notes (T26), and what a public register says (T25). */

export const recordContact: Decider<RecordContact> = {
  guards: [received],
  decide: (command, complaint, { now, occurredAt }) => {
    const { direction, channel, party, result, substantive = false, asksForUpdate = false, content } = command;
    const wrong = refusal(
      unknownParty(complaint, party, '/party'),
      inFuture(command.at, now, '/at'),
      asksForUpdate && direction === 'outbound'
        ? unmet('not_inbound', 'only who contacts us asks where it stands', '/asksForUpdate')
        : undefined,
    );
    if (wrong) return wrong;
    const contactId = idFor(
      'c',
      undefined,
      complaint.contacts.map((contact) => contact.contactId),
    );
    const at = command.at ?? occurredAt;
    return [
      ContactRecorded(present({ contactId, direction, channel, party, at, result, substantive, content })),
      ...(asksForUpdate ? [ComplainantChased({ contactId, at })] : []),
    ];
  },
};

export const addNote: Decider<AddNote> = {
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
};

export const recordExternalOutcome: Decider<RecordExternalOutcome> = {
  guards: [
    received,
    (_complaint, { actor }) =>
      actor.type === 'upstream' || actor.type === 'automation' || actor.role === 'upstream'
        ? undefined
        : unmet('not_for_this_role', 'a register’s outcome comes from an importer or an upstream system'),
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
        same ? nothingToChange('the register said so before') : undefined,
      ) ?? [ExternalOutcomeRecorded(present({ register, response, publicResponse, timely, disputed, statedOn }))]
    );
  },
};
