import type { RecordExternalOutcome } from './commands/feedback.js';
import type { AddNote, RecordContact } from './commands/intake.js';
import { nothingToChange, withoutUndefined, rejectionOf, unmet, type Decider } from './decision.js';
import { ComplainantChased, ContactRecorded, ExternalOutcomeRecorded, NoteAdded } from './events.js';
import { nextId, received, unknownParty } from './guards.js';
import { futureTime } from './time.js';

/**
 * Contacts and notes (T26) and the outcome in a public register (T25). They can be recorded in every stage after
 * receipt.
 */

export const recordContact = {
  guards: [received],
  decide: (command, complaint, { now, occurredAt }) => {
    const { direction, channel, party, result, substantive = false, asksForUpdate = false, content } = command;
    const rejection = rejectionOf(
      unknownParty(complaint, party, '/party'),
      futureTime(command.at, now, '/at'),
      asksForUpdate && direction === 'outbound'
        ? unmet('not_inbound', 'only an inbound contact can ask for an update (direction: outbound)', '/asksForUpdate')
        : undefined,
    );
    if (rejection) return rejection;
    const contactIds = complaint.contacts.map((contact) => contact.contactId);
    const contactId = nextId('c', contactIds);
    const at = command.at ?? occurredAt;
    return [
      ContactRecorded(withoutUndefined({ contactId, direction, channel, party, at, result, substantive, content })),
      ...(asksForUpdate ? [ComplainantChased({ contactId, at })] : []),
    ];
  },
} satisfies Decider<RecordContact>;

export const addNote = {
  guards: [received],
  decide: ({ text }, { notes }) => {
    const noteIds = notes.map(({ noteId }) => noteId);
    return [NoteAdded({ noteId: nextId('n', noteIds), text })];
  },
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
    const isUnchanged =
      external !== null &&
      external.register === register &&
      external.response === response &&
      external.publicResponse === publicResponse &&
      external.timely === timely &&
      external.disputed === disputed &&
      JSON.stringify(external.statedOn) === JSON.stringify(statedOn);
    return (
      rejectionOf(
        futureTime(statedOn, now, '/statedOn'),
        isUnchanged ? nothingToChange('this register outcome is already recorded') : undefined,
      ) ?? [
        ExternalOutcomeRecorded(withoutUndefined({ register, response, publicResponse, timely, disputed, statedOn })),
      ]
    );
  },
} satisfies Decider<RecordExternalOutcome>;
