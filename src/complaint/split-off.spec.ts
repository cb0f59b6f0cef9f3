import { REFERENCE } from '../../test/support/directory.js';
import { command, COMPLAINT_ID, given, HANDLER, NOON, type Fields } from '../../test/support/given.js';
import {
  coldDish,
  complainantWang,
  contentVerified,
  eventsUntilInvestigated,
  MORNING,
  received,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { FinishSplitOff, SplitOff } from './commands/parties.js';
import { MakeDetermination } from './commands/resolution.js';
import * as events from './events.js';
import { splitOffIdOf } from './identity.js';
import { referenceOf } from './reference.js';
import { eventsOfSplitOff, unfinishedSplitOffs } from './split-off.js';

const bribe = { id: 'p2', category: 'staff_attitude', issue: 'The cook asked for money', subject: {} };
const twoPoints = received({ sources: [{ system: '12315', ref: '7' }], points: [coldDish, bribe] });
const complaintId = splitOffIdOf(COMPLAINT_ID, ['p2']);
const splitOff = (more: Fields<SplitOff> = {}) => command(SplitOff, { pointIds: ['p2'], nature: 'report', ...more });
const split = events.PointsSplitOff({ pointIds: ['p2'], nature: 'report', complaintId });
const linked = events.RelatedComplaintLinked({ complaintId, relation: 'split_off' });

describe('T27: splitting points off', () => {
  test('names the second file, whose id follows from complaint and points', () => {
    given(twoPoints).when(splitOff()).then(split);
    expect(complaintId).toMatch(/^[0-9a-f-]{36}$/);
    expect(splitOffIdOf(COMPLAINT_ID, ['p3', 'p2'])).toBe(splitOffIdOf(COMPLAINT_ID, ['p2', 'p3']));
    expect(splitOffIdOf(COMPLAINT_ID, ['p3'])).not.toBe(complaintId);
  });
  test('takes them out of what is decided here', () => {
    const { state } = given(twoPoints, split);
    expect(state.points[1]?.left).toEqual({ how: 'split_off', to: complaintId });
    given(...eventsUntilInvestigated(twoPoints), split)
      .when(command(MakeDetermination, { points: [{ id: 'p1', outcome: 'upheld', reasons: 'Cold' }] }))
      .thenRecorded('DeterminationMade');
  });
  test('leaves a point here, and takes only points that count and have no outcome', () => {
    given(twoPoints)
      .when(splitOff({ pointIds: ['p1', 'p2'] }))
      .thenRejected('no_point_stays', '/pointIds');
    given(received(), split)
      .when(splitOff({ pointIds: ['p9'] }))
      .thenRejected('unknown_point', '/pointIds/0');
    given(twoPoints)
      .when(splitOff({ pointIds: ['p2', 'p2'] }))
      .thenRejected('point_repeated', '/pointIds/1');
    given(twoPoints, split).when(splitOff()).thenRejected('point_left', '/pointIds/0');
    const bothUpheld = events.DeterminationMade({
      determinationId: 'd1',
      points: ['p1', 'p2'].map((id) => ({ id, outcome: 'upheld', reasons: 'The log shows it.' })),
    });
    given(...eventsUntilInvestigated(twoPoints), bothUpheld)
      .when(splitOff())
      .thenRejected('wrong_stage');
  });
  test('is unfinished until the second file is linked', () => {
    expect(unfinishedSplitOffs(given(twoPoints, split).state)).toHaveLength(1);
    given(twoPoints, split).when(command(FinishSplitOff, { complaintId })).then(linked);
    given(twoPoints, split, linked).when(command(FinishSplitOff, { complaintId })).thenRejected('no_split_off');
    given(twoPoints, split)
      .when(command(FinishSplitOff, { complaintId: COMPLAINT_ID }))
      .thenRejected('no_split_off', '/complaintId');
  });
});

describe('T27: the second file', () => {
  const context = { now: NOON, occurredAt: instant(NOON), actor: HANDLER, reference: REFERENCE };
  const fileAfter = (...more: events.ComplaintEvent[]) => {
    const { state } = given(twoPoints, ...more, split);
    const [file] = unfinishedSplitOffs(state);
    return file === undefined ? [] : eventsOfSplitOff(state, file, context);
  };

  test('has the same words, parties and receipt, its own reference, no sources, and its nature', () => {
    const [receipt, ...rest] = fileAfter();
    expect(receipt).toEqual({
      ...events.ComplaintReceived({
        reference: referenceOf(complaintId),
        receivedAt: MORNING,
        channel: 'phone',
        narrative: '菜是凉的，等了四十分钟。',
        sources: [],
        parties: [complainantWang],
        points: [bribe],
        splitFrom: COMPLAINT_ID,
      }),
      occurredAt: MORNING,
    });
    expect(rest).toEqual([
      events.ComplaintAdmitted({ implied: true }),
      events.ComplaintClassified({
        nature: 'report',
        points: [{ id: 'p2', category: 'staff_attitude' }],
        taxonomyVersion: 1,
      }),
      events.RelatedComplaintLinked({ complaintId: COMPLAINT_ID, relation: 'split_off' }),
    ]);
  });
  test('has the parties of today, without contact details that were retired', () => {
    const [receipt] = fileAfter(
      events.PartyAdded({ party: { id: 'a2', role: 'co_complainant', authority: 'none' } }),
      events.ContactDetailsRetired({ party: 'a1', contact: 'k1', reason: 'Wrong number' }),
    );
    const { contacts: _contacts, ...wang } = complainantWang;
    expect(receipt?.data).toMatchObject({ parties: [wang, { id: 'a2', role: 'co_complainant', authority: 'none' }] });
    expect(JSON.stringify(receipt)).not.toContain('5555');
  });
  test('has copies of the evidence for its points, of severity and of standing flags, and a priority', () => {
    const evidence = (evidenceId: string, pointIds?: readonly string[]) =>
      events.EvidenceAdded({
        evidenceId,
        sha256: 'a'.repeat(64),
        kind: 'photo',
        source: 'a1',
        ...(pointIds !== undefined && { pointIds }),
      });
    const copies = fileAfter(
      evidence('e1'),
      evidence('e2', ['p1']),
      evidence('e3', ['p1', 'p2']),
      evidence('e4'),
      events.EvidenceExcluded({ evidenceId: 'e4', reason: 'Forged' }),
      events.SeverityAssessed({ severity: 'serious', safetyCritical: false, impactScope: 'many' }),
      events.RiskFlagged({ flag: 'legal', reason: 'Bribery' }),
      events.RiskFlagged({ flag: 'systemic', reason: 'Twice' }),
      events.RiskFlagCleared({ flag: 'systemic', reason: 'Once' }),
    ).slice(3, -1);
    expect(copies).toMatchObject([
      { type: 'EvidenceAdded', data: { evidenceId: 'e1' } },
      { type: 'EvidenceAdded', data: { evidenceId: 'e3', pointIds: ['p2'] } },
      { type: 'SeverityAssessed', data: { severity: 'serious', safetyCritical: false, impactScope: 'many' } },
      { type: 'RiskFlagged', data: { flag: 'legal', reason: 'Bribery' } },
      { type: 'ComplaintPrioritised', data: { priority: 'P1' } },
    ]);
  });
  test('that is not addressed to us is not admitted', () => {
    const { state } = given(twoPoints, { ...split, data: { ...split.data, nature: 'not_addressed_to_us' } });
    const [file] = unfinishedSplitOffs(state);
    const types = file === undefined ? [] : eventsOfSplitOff(state, file, context).map(({ type }) => type);
    expect(types).toEqual(['ComplaintReceived', 'ComplaintClassified', 'RelatedComplaintLinked']);
  });
  test('starts with nothing verified', () => {
    const { state } = given(...eventsUntilInvestigated(twoPoints), contentVerified, split);
    const [file] = unfinishedSplitOffs(state);
    const opened = given(...(file === undefined ? [] : eventsOfSplitOff(state, file, context)));
    expect([opened.state.stage, opened.state.classification?.nature]).toEqual(['UnderAssessment', 'report']);
    expect([opened.state.parties[0]?.identity.status, opened.state.verification.content.status]).toEqual([
      'None',
      'None',
    ]);
  });
});
