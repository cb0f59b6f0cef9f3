import { REFERENCE } from '../../test/support/directory.js';
import {
  command,
  COMPLAINT_ID,
  decideAsTheServiceDoes,
  fold,
  given,
  type Fields,
  NOON,
  person,
  UPSTREAM,
} from '../../test/support/given.js';
import { coldDish, received, complainantWang } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { AssessSeverity, ClassifyComplaint } from './commands/assessment.js';
import { AssignComplaint } from './commands/ownership.js';
import { AcknowledgeComplaint, LodgeComplaint } from './commands/intake.js';
import { ResolveAtFirstContact } from './commands/resolution.js';
import { initial, type Complaint } from './complaint.js';
import { isRejection } from './decision.js';
import {
  ComplaintAcknowledged,
  ComplaintAdmitted,
  ComplaintAssigned,
  ComplaintClassified,
  ComplaintPrioritised,
  ComplaintReceived,
  SeverityAssessed,
} from './events.js';
import { lodgingDifferences } from './intake.js';
import { referenceOf } from './reference.js';
import { validateObject } from '../platform/validate-object.js';

const lodge = (fields: Fields<LodgeComplaint> = {}) =>
  command(LodgeComplaint, { channel: 'phone', narrative: 'The dish was cold.', ...fields });
const reference = referenceOf(COMPLAINT_ID);
const receivedNow = (overrides: object = {}) =>
  ComplaintReceived({
    reference,
    receivedAt: instant(NOON),
    channel: 'phone',
    narrative: 'The dish was cold.',
    sources: [],
    parties: [],
    points: [{ id: 'p1', subject: {} }],
    ...overrides,
  });

describe('T1: lodging a complaint', () => {
  test('a channel with a narrative is accepted', () => {
    given().when(lodge()).then(receivedNow());
  });

  test('a channel with an issue is accepted', () => {
    given()
      .when(command(LodgeComplaint, { channel: 'letter', points: [{ issue: 'Dirty kitchen' }] }))
      .thenRecorded('ComplaintReceived');
  });

  test('a channel without a narrative or an issue is rejected', () => {
    given()
      .when(command(LodgeComplaint, { channel: 'phone' }))
      .thenRejected('narrative_or_issue_missing', '/narrative');
    given()
      .when(lodge({ narrative: ' ' }))
      .thenRejected('narrative_or_issue_missing', '/narrative');
  });

  test('points and parties without an id get the next free ids', () => {
    given()
      .when(
        lodge({
          points: [{ id: 'p2', issue: 'Cold' }, { issue: 'Late' }, { issue: 'Rude' }],
          parties: [{ role: 'complainant' }, { role: 'heir', name: 'Li' }],
        }),
      )
      .then(
        receivedNow({
          points: [
            { id: 'p2', issue: 'Cold', subject: {} },
            { id: 'p3', issue: 'Late', subject: {} },
            { id: 'p4', issue: 'Rude', subject: {} },
          ],
          parties: [
            { id: 'a1', role: 'complainant', authority: 'none' },
            { id: 'a2', role: 'heir', name: 'Li', authority: 'claimed' },
          ],
        }),
      );
  });

  test('a repeated id of points or parties is rejected', () => {
    given()
      .when(lodge({ points: [{ id: 'p1' }, { id: 'p1' }] }))
      .thenRejected('id_taken', '/points/1/id');
    given()
      .when(
        lodge({
          parties: [
            { id: 'a1', role: 'complainant' },
            { id: 'a1', role: 'heir' },
          ],
        }),
      )
      .thenRejected('id_taken', '/parties/1/id');
  });

  test('a representative names the complainants whom they act for', () => {
    const lodgeFor = (actsFor: string[], role: 'heir' | 'co_complainant' = 'heir') =>
      lodge({ parties: [{ role: 'complainant' }, { role, actsFor }] });
    given()
      .when(lodgeFor(['a1']))
      .then(
        receivedNow({
          parties: [
            { id: 'a1', role: 'complainant', authority: 'none' },
            { id: 'a2', role: 'heir', actsFor: ['a1'], authority: 'claimed' },
          ],
        }),
      );
    given()
      .when(lodgeFor(['a2']))
      .thenRejected('unknown_party', '/parties/1/actsFor/0');
    given()
      .when(lodgeFor(['a1'], 'co_complainant'))
      .thenRejected('acts_for_themselves', '/parties/1/actsFor');
  });

  test('lodging states at most a claimed authority, and no party has the id of an unidentified person', () => {
    const body = (party: object) => ({ channel: 'phone', narrative: 'Cold', parties: [{ role: 'heir', ...party }] });
    expect(validateObject(LodgeComplaint, body({ authority: 'claimed' }))).toMatchObject({ ok: true });
    expect(validateObject(LodgeComplaint, body({ authority: 'verified' }))).toMatchObject({ ok: false });
    given()
      .when(lodge({ parties: [{ id: 'unidentified', role: 'complainant' }] }))
      .thenRejected('id_taken', '/parties/0/id');
  });

  test('a time in the future and an occurredAt before receipt are rejected', () => {
    const tomorrow = instant('2026-11-11T12:00:00.000Z');
    given()
      .when(lodge({ receivedAt: tomorrow, occurredAt: instant(NOON) }))
      .thenRejected('in_future', '/receivedAt');
    given()
      .when(lodge({ receivedAt: instant('2026-11-09T12:00:00.000Z'), occurredAt: instant('2026-11-08T12:00:00.000Z') }))
      .thenRejected('occurred_before_receipt', '/occurredAt');
    given()
      .when(lodge({ sentToRespondentAt: tomorrow }))
      .thenRejected('in_future', '/sentToRespondentAt');
    given()
      .when(lodge({ incidentAt: { from: tomorrow } }))
      .thenRejected('in_future', '/incidentAt/from');
    given()
      .when(lodge({ sources: [{ system: 'crm', ref: '1', receivedAt: tomorrow }] }))
      .thenRejected('in_future', '/sources/0/receivedAt');
    given()
      .when(lodge({ contactAttempts: [{ at: tomorrow, channel: 'phone', result: 'busy' }] }))
      .thenRejected('in_future', '/contactAttempts/0/at');
  });

  test('a receivedAt up to two minutes ahead counts as now', () => {
    const aMinuteAhead = instant('2026-11-10T12:01:00.000Z');
    given()
      .when(lodge({ receivedAt: aMinuteAhead }))
      .then(receivedNow());
    given()
      .when(lodge({ receivedAt: aMinuteAhead, acknowledgement: command(AcknowledgeComplaint, { channel: 'phone' }) }))
      .thenRecorded('ComplaintReceived', 'ComplaintAcknowledged');
  });

  test('a sentToRespondentAt before receipt is accepted', () => {
    given()
      .when(
        lodge({
          receivedAt: instant('2026-11-05T00:00:00.000Z'),
          sentToRespondentAt: instant('2026-11-03T00:00:00.000Z'),
        }),
      )
      .thenRecorded('ComplaintReceived');
  });

  test('the events of included commands follow the receipt', () => {
    given()
      .when(
        lodge({
          acknowledgement: command(AcknowledgeComplaint, { channel: 'phone' }),
          assignment: command(AssignComplaint, { handler: 'handler-2' }),
          classification: command(ClassifyComplaint, {
            nature: 'complaint',
            points: [{ id: 'p1', category: 'price' }],
          }),
          severity: command(AssessSeverity, { severity: 'minor' }),
        }),
      )
      .then(
        receivedNow(),
        ComplaintAcknowledged({ channel: 'phone' }),
        ComplaintAdmitted({ implied: true }),
        ComplaintAssigned({ handler: 'handler-2' }),
        ComplaintClassified({ nature: 'complaint', points: [{ id: 'p1', category: 'price' }], taxonomyVersion: 1 }),
        SeverityAssessed({ severity: 'minor', safetyCritical: false }),
        ComplaintPrioritised({
          priority: 'P4',
          rule: { id: 'house-priority', version: 1 },
          inputs: { severity: 'minor', safetyCritical: false, vulnerable: false },
          basis: 'input_changed',
        }),
      );
  });

  test('an included acknowledgement with an earlier time keeps this time', () => {
    const at = instant('2026-11-09T12:00:00.000Z');
    const decision = decideAsTheServiceDoes(
      lodge({
        receivedAt: instant('2026-11-08T12:00:00.000Z'),
        acknowledgement: command(AcknowledgeComplaint, { channel: 'phone', occurredAt: at }),
      }),
      initial(COMPLAINT_ID),
      { now: NOON, by: person('intake-1', 'intake_officer'), reference: REFERENCE },
    );
    if (isRejection(decision)) throw new Error('rejected');
    expect(decision.map(({ occurredAt }) => occurredAt)).toEqual([undefined, at]);
  });

  test('an included command without a time has the time of recording, not of receipt', () => {
    const decision = decideAsTheServiceDoes(
      lodge({
        receivedAt: instant('2026-11-08T12:00:00.000Z'),
        acknowledgement: command(AcknowledgeComplaint, { channel: 'phone' }),
      }),
      initial(COMPLAINT_ID),
      { now: NOON, by: person('intake-1', 'intake_officer'), reference: REFERENCE },
    );
    if (isRejection(decision)) throw new Error('rejected');
    expect(decision.map(({ occurredAt, occurredAtBasis }) => [occurredAt, occurredAtBasis])).toEqual([
      [undefined, undefined],
      [instant(NOON), 'recorded'],
    ]);
  });

  test('an included command with a time up to two minutes ahead counts as happening now', () => {
    const decision = decideAsTheServiceDoes(
      lodge({
        acknowledgement: command(AcknowledgeComplaint, {
          channel: 'phone',
          occurredAt: instant('2026-11-10T12:01:00.000Z'),
        }),
      }),
      initial(COMPLAINT_ID),
      { now: NOON, by: person('intake-1', 'intake_officer'), reference: REFERENCE },
    );
    if (isRejection(decision)) throw new Error('rejected');
    expect(decision.map(({ occurredAt }) => occurredAt)).toEqual([undefined, instant(NOON)]);
  });

  test('a problem of an included command rejects the lodging, with a pointer into the included command', () => {
    given()
      .when(
        lodge({
          points: [{ issue: 'Rude', subject: { employeeId: 'handler-9' } }],
          assignment: command(AssignComplaint, { handler: 'handler-9' }),
        }),
      )
      .thenRejected('conflict_of_interest', '/assignment/handler');
    given()
      .when(
        lodge({
          acknowledgement: command(AcknowledgeComplaint, {
            channel: 'phone',
            occurredAt: instant('2026-12-01T00:00:00.000Z'),
          }),
        }),
      )
      .thenRejected('occurred_in_future', '/acknowledgement/occurredAt');
  });

  test('a second lodging of a received complaint is rejected', () => {
    given(received()).when(lodge()).thenRejected('already_received');
  });
});

describe('I19: a second lodging with the same source reference', () => {
  const content: Fields<LodgeComplaint> = {
    channel: 'phone',
    narrative: 'The dish was cold.',
    receivedAt: instant('2026-11-08T12:00:00.000Z'),
    sources: [{ system: 'crm', ref: 'T-1' }],
    parties: [{ role: 'complainant', name: '王芳' }],
    classification: command(ClassifyComplaint, { nature: 'complaint', points: [{ id: 'p1', category: 'price' }] }),
  };
  const first = command(LodgeComplaint, content);

  const stateAfterLodging = (submitted: LodgeComplaint): Complaint => {
    const decision = decideAsTheServiceDoes(submitted, initial(COMPLAINT_ID), {
      now: NOON,
      by: UPSTREAM,
      reference: REFERENCE,
    });
    if (isRejection(decision)) throw new Error(JSON.stringify(decision.unmet));
    const commandId = 'k1'; // one command id for all events: they are recorded by the same command
    return fold(
      decision.map((event) => ({ event, by: UPSTREAM, at: NOON })),
      commandId,
    );
  };
  const differences = (submitted: LodgeComplaint, state: Complaint) =>
    lodgingDifferences(submitted, state, REFERENCE).map(({ code, pointer }) => [code, pointer]);

  test('the same content has no differences', () => {
    expect(differences(command(LodgeComplaint, { ...content }), stateAfterLodging(first))).toEqual([]);
  });

  test('a repeated receivedAt that counted as now is equal; a different one is reported', () => {
    const ahead = command(LodgeComplaint, { ...content, receivedAt: instant('2026-11-10T12:01:00.000Z') });
    expect(differences(ahead, stateAfterLodging(ahead))).toEqual([]);
    const furtherAhead = command(LodgeComplaint, { ...content, receivedAt: instant('2026-11-10T12:03:00.000Z') });
    expect(differences(furtherAhead, stateAfterLodging(ahead))).toEqual([['external_ref_reused', '/receivedAt/at']]);
  });

  test('a differing field is reported', () => {
    expect(
      differences(command(LodgeComplaint, { ...content, narrative: 'It was warm.' }), stateAfterLodging(first)),
    ).toEqual([['external_ref_reused', '/narrative']]);
  });

  test('a differing, missing or new included command is reported', () => {
    const { classification: _classification, ...withoutClassification } = content;
    expect(differences(command(LodgeComplaint, withoutClassification), stateAfterLodging(first))).toEqual([
      ['external_ref_reused', '/classification'],
    ]);
    expect(differences(first, stateAfterLodging(command(LodgeComplaint, withoutClassification)))).toEqual([
      ['external_ref_reused', '/classification'],
    ]);
    const resolution = command(ResolveAtFirstContact, {
      category: 'price',
      whatWasDone: 'Corrected the bill',
      statedBy: { party: 'a1', medium: 'phone', at: instant(NOON) },
    });
    expect(differences(command(LodgeComplaint, { ...content, resolution }), stateAfterLodging(first))).toEqual([
      ['external_ref_reused', '/resolution'],
    ]);
  });

  test('later events of the complaint do not change the comparison', () => {
    const state = fold([
      received({ sources: [{ system: 'crm', ref: 'T-1' }], parties: [complainantWang], points: [coldDish] }),
      ComplaintAdmitted({}),
    ]);
    const repeated = lodge({
      narrative: '菜是凉的，等了四十分钟。',
      sources: [{ system: 'crm', ref: 'T-1' }],
      parties: [{ role: 'complainant', name: '王芳', contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }] }],
      points: [{ issue: 'Dish arrived cold', subject: { product: 'Set menu' } }],
    });
    expect(differences(repeated, state)).toEqual([]);
  });

  test('a second lodging that is invalid reports its problem instead of differences', () => {
    expect(
      differences(
        command(LodgeComplaint, { ...content, points: [{ id: 'p1' }, { id: 'p1' }] }),
        stateAfterLodging(first),
      ),
    ).toEqual([['id_taken', '/points/1/id']]);
  });
});

test('an empty list of points is rejected, because a complaint without points can never be determined', () => {
  const body = { channel: 'phone', narrative: 'The dish was cold.' };
  expect(validateObject(LodgeComplaint, body)).toMatchObject({ ok: true });
  expect(validateObject(LodgeComplaint, { ...body, points: [] })).toMatchObject({
    ok: false,
    errors: [{ pointer: '/points', code: 'too_few' }],
  });
});
