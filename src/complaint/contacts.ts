import { isUpstream } from '../access/actor.js';
import type { RecordExternalOutcome } from './commands/feedback.js';
import type { AddNote, RecordContact } from './commands/intake.js';
import { nothingToChange, withoutUndefined, rejectionOf, unmet, type Decider } from './decision.js';
import { ComplainantChased, ContactRecorded, ExternalOutcomeRecorded, NoteAdded } from './events.js';
import { eventsAtEnd } from './endings.js';
import { nextId, received, unknownParty } from './guards.js';
import { endsByRegister } from './progress.js';
import { isFinalInRegister } from './terms/registers.js';
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
      actor.type === 'automation' || isUpstream(actor)
        ? undefined
        : unmet('not_for_this_role', 'only an importer or an upstream system can record a register outcome'),
  ],
  decide: (command, complaint, { now }) => {
    const { register, response, handledElsewhere, publicResponse, timely, disputed, statedOn } = command;
    const { external, progress } = complaint;
    const listed = isFinalInRegister(register, response);
    const final = command.final ?? listed;
    const isUnchanged =
      external !== null &&
      external.register === register &&
      external.response === response &&
      external.final === final &&
      external.publicResponse === publicResponse &&
      external.timely === timely &&
      external.disputed === disputed &&
      JSON.stringify(external.statedOn) === JSON.stringify(statedOn);
    const rejection = rejectionOf(
      futureTime(statedOn, now, '/statedOn'),
      final === undefined
        ? unmet('final_missing', 'say whether the outcome is final; give `final`', '/final')
        : undefined,
      command.final !== undefined && listed !== undefined && command.final !== listed
        ? unmet(
            'final_contradicts_register',
            `by the list of the register ${register}, this response is ${listed ? '' : 'not '}final; correct \`final\` or omit it`,
            '/final',
          )
        : undefined,
      isUnchanged ? nothingToChange('this register outcome is already recorded') : undefined,
    );
    if (rejection) return rejection;
    const outcome = withoutUndefined({
      register,
      response,
      final: final ?? false,
      handledElsewhere,
      publicResponse,
      timely,
      disputed,
      statedOn,
    });
    return [...(endsByRegister(progress, outcome) ? eventsAtEnd(complaint) : []), ExternalOutcomeRecorded(outcome)];
  },
} satisfies Decider<RecordExternalOutcome>;
