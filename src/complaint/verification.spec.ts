import { command, given, type Fields, person } from '../../test/support/given.js';
import {
  accepted,
  closed,
  contentVerified,
  identified,
  eventsUntilInvestigated,
  meritsAssessed,
  proposed,
  received,
  upheld,
  complainantWang,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import * as commands from './commands/verification.js';
import * as events from './events.js';

const photo = { evidenceId: 'e1', sha256: 'a'.repeat(64), kind: 'photo', source: 'complainant' };
const withPhoto = events.EvidenceAdded(photo);
const excluded = events.EvidenceExcluded({ evidenceId: 'e1', reason: 'Another table' });

describe('T7: identity', () => {
  const verify = (overrides: Fields<commands.VerifyIdentity> = {}) =>
    command(commands.VerifyIdentity, { party: 'a1', result: 'verified', method: 'call_back', ...overrides });

  test('is verified at level basic by default', () => given(received()).when(verify()).then(identified));
  test('is recorded as failed with a reason, which is required', () => {
    given(received())
      .when(verify({ result: 'failed', reason: 'Number belongs to another' }))
      .then(
        events.IdentityVerificationFailed({ party: 'a1', method: 'call_back', reason: 'Number belongs to another' }),
      );
    given(received())
      .when(verify({ result: 'failed' }))
      .thenRejected('reason_missing', '/reason');
  });
  test('is recorded in every stage, also after the end', () =>
    given(received(), closed).when(verify()).then(identified));
  test('rejects an unchanged result', () => {
    given(received(), identified).when(verify()).thenRejected('nothing_to_change');
    given(received(), events.IdentityVerificationFailed({ party: 'a1', method: 'call_back', reason: 'No' }))
      .when(verify({ result: 'failed', reason: 'No' }))
      .thenRejected('nothing_to_change');
  });
  test('rejects an unknown party, and evidence that is unknown or excluded', () => {
    given(received())
      .when(verify({ party: 'a9' }))
      .thenRejected('unknown_party', '/party');
    given(received())
      .when(verify({ evidenceIds: ['e1'] }))
      .thenRejected('unknown_evidence', '/evidenceIds/0');
    given(received(), withPhoto, excluded)
      .when(verify({ evidenceIds: ['e1'] }))
      .thenRejected('evidence_excluded', '/evidenceIds/0');
  });
});

describe('T7: authority', () => {
  const verify = (overrides: Fields<commands.VerifyAuthority> = {}) =>
    command(commands.VerifyAuthority, { party: 'a1', result: 'rejected', reason: 'Names another', ...overrides });
  const represented = received({ parties: [{ ...complainantWang, role: 'representative', authority: 'claimed' }] });

  test('is verified or rejected', () => {
    given(represented)
      .when(verify())
      .then(events.AuthorityRejected({ party: 'a1', reason: 'Names another' }));
    given(represented)
      .when(verify({ result: 'verified', reason: 'Power of attorney' }))
      .then(events.AuthorityVerified({ party: 'a1', basis: 'Power of attorney' }));
  });
  test('is verified for what it covers', () => {
    const forMoney = verify({ result: 'verified', reason: 'Power of attorney', scope: ['act', 'money'] });
    const verified = events.AuthorityVerified({ party: 'a1', basis: 'Power of attorney', scope: ['act', 'money'] });
    given(represented, closed).when(forMoney).then(verified);
    given(represented, verified).when(forMoney).thenRejected('nothing_to_change');
    given(represented, events.AuthorityVerified({ party: 'a1', basis: 'Power of attorney' }))
      .when(forMoney)
      .then(verified);
    given(represented, events.AuthorityVerified({ party: 'a1', basis: 'Power of attorney' }))
      .when(verify({ result: 'verified', reason: 'Power of attorney', scope: ['correspondence', 'act'] }))
      .thenRejected('nothing_to_change');
    given(represented)
      .when(verify({ scope: ['money'] }))
      .thenRejected('scope_of_rejection', '/scope');
  });
  test('cannot be checked for a party who does not represent another person', () =>
    given(received()).when(verify()).thenRejected('no_authority_claimed', '/party'));
  test('rejects an unchanged result', () =>
    given(represented, events.AuthorityRejected({ party: 'a1', reason: 'Names another' }))
      .when(verify())
      .thenRejected('nothing_to_change'));
});

describe('T7: evidence', () => {
  const { evidenceId: _evidenceId, ...content } = photo;
  const add = (overrides: Fields<commands.AddEvidence> = {}) =>
    command(commands.AddEvidence, { ...content, ...overrides });

  test('is added with its content hash', () => given(received()).when(add()).then(withPhoto));
  test('is added in every stage, also after the end, and excluded only while the complaint is open', () => {
    given(received(), closed).when(add()).then(withPhoto);
    given(received(), withPhoto, closed)
      .when(command(commands.ExcludeEvidence, { evidenceId: 'e1', reason: 'Another table' }))
      .thenRejected('not_open');
  });
  test('may be captured before receipt', () =>
    given(received())
      .when(add({ occurredAt: instant('2026-10-01T00:00:00.000Z') }))
      .thenRecorded('EvidenceAdded'));
  test('can be added by the person complained about', () =>
    given(received({ points: [{ id: 'p1', subject: { employeeId: 'waiter-1' } }] }))
      .when(add(), { by: person('waiter-1') })
      .thenRecorded('EvidenceAdded'));
  test('rejects the same content again and an id that is already used', () => {
    given(received(), withPhoto).when(add()).thenRejected('nothing_to_change', '/sha256');
    given(received(), withPhoto)
      .when(add({ evidenceId: 'e1', sha256: 'b'.repeat(64) }))
      .thenRejected('id_taken', '/evidenceId');
  });
  test('rejects an unknown point and a capture time in the future', () => {
    given(received())
      .when(add({ pointIds: ['p9'] }))
      .thenRejected('unknown_point', '/pointIds/0');
    given(received())
      .when(add({ capturedAt: instant('2026-12-01T00:00:00.000Z') }))
      .thenRejected('in_future', '/capturedAt');
  });
  test('is excluded with a reason, once, and only if it exists', () => {
    const exclude = (evidenceId: string) => command(commands.ExcludeEvidence, { evidenceId, reason: 'Another table' });
    given(received(), withPhoto).when(exclude('e1')).then(excluded);
    given(received(), withPhoto).when(exclude('e2')).thenRejected('unknown_evidence', '/evidenceId');
    given(received(), withPhoto, excluded).when(exclude('e1')).thenRejected('nothing_to_change');
    given(received()).when(exclude('e1')).thenRejected('no_evidence');
  });
});

describe('T7: content and merits', () => {
  const verify = command(commands.VerifyContent, { finding: 'substantiated', grounds: 'Kitchen log and photo agree.' });
  const assess = command(commands.AssessMerits, { reasonable: 'yes', grounds: 'We promise hot food.' });

  test('are recorded with grounds, and imply the admission', () => {
    const admitted = events.ComplaintAdmitted({ implied: true });
    given(received()).when(verify).then(admitted, contentVerified);
    given(received()).when(assess).then(admitted, meritsAssessed);
    given(received(), admitted).when(verify).then(contentVerified);
    given(received(), admitted).when(assess).then(meritsAssessed);
  });
  test('the same finding on further evidence is a new finding', () => {
    const withEvidence = { evidenceIds: ['e1'] };
    const content = command(commands.VerifyContent, { ...contentVerified.data, ...withEvidence });
    given(...eventsUntilInvestigated(), withPhoto)
      .when(content)
      .then(events.ContentVerified({ ...contentVerified.data, ...withEvidence }));
    given(...eventsUntilInvestigated(), withPhoto, events.ContentVerified({ ...contentVerified.data, ...withEvidence }))
      .when(content)
      .thenRejected('nothing_to_change');
    given(received(), identified, withPhoto)
      .when(
        command(commands.VerifyIdentity, { party: 'a1', result: 'verified', method: 'call_back', evidenceIds: ['e1'] }),
      )
      .thenRecorded('IdentityVerified');
  });
  test('rejects an unchanged finding', () => {
    given(...eventsUntilInvestigated())
      .when(verify)
      .thenRejected('nothing_to_change');
    given(...eventsUntilInvestigated())
      .when(assess)
      .thenRejected('nothing_to_change');
  });
  test('are only recorded before the determination', () => {
    given(...eventsUntilInvestigated(), upheld)
      .when(verify)
      .thenRejected('wrong_stage');
    given(...eventsUntilInvestigated(), upheld)
      .when(assess)
      .thenRejected('wrong_stage');
    given(received(), closed).when(verify).thenRejected('not_open');
  });
});

describe('T8: waivers', () => {
  const waiveInvestigation = command(commands.WaiveInvestigation, {
    reason: 'Same batch',
    responsible: 'supervisor-1',
  });
  const investigationWaived = events.InvestigationWaived({ reason: 'Same batch', responsible: 'supervisor-1' });
  const waiveIdentity = (overrides: Fields<commands.WaiveIdentity> = {}) =>
    command(commands.WaiveIdentity, {
      cause: 'not_needed',
      reason: 'Nothing is disclosed',
      responsible: 'handler-1',
      ...overrides,
    });
  const identityWaived = (party?: string) =>
    events.IdentityWaived({
      ...(party !== undefined && { party }),
      cause: 'not_needed',
      reason: 'Nothing is disclosed',
      responsible: 'handler-1',
    });

  test('content and merits are waived once, before the determination', () => {
    given(received()).when(waiveInvestigation).then(investigationWaived);
    given(received(), contentVerified).when(waiveInvestigation).then(investigationWaived);
    given(received(), investigationWaived).when(waiveInvestigation).thenRejected('nothing_to_change');
    given(...eventsUntilInvestigated(), upheld)
      .when(waiveInvestigation)
      .thenRejected('wrong_stage');
  });
  test('rejects a responsible person who is not in the directory', () => {
    given(received())
      .when(command(commands.WaiveInvestigation, { reason: 'Same batch', responsible: 'ghost-typo' }))
      .thenRejected('unknown_person', '/responsible');
    given(received())
      .when(waiveIdentity({ responsible: 'ghost-typo' }))
      .thenRejected('unknown_person', '/responsible');
  });
  test('identity is waived after the determination only while something is owed', () => {
    given(...eventsUntilInvestigated(), upheld)
      .when(waiveIdentity())
      .thenRejected('wrong_stage');
    const paysTo = [received(), contentVerified, meritsAssessed, upheld, proposed(), accepted, closed];
    given(...paysTo)
      .when(waiveIdentity())
      .then(identityWaived('a1'));
  });
  test('a party is unreachable after failed attempts on several days and every channel', () => {
    const failed = (at: string) =>
      events.ContactRecorded({
        contactId: 'c1',
        direction: 'outbound',
        channel: 'phone',
        party: 'a1',
        at: instant(at),
        result: 'no_answer',
        substantive: false,
      });
    const unreachable = waiveIdentity({ cause: 'unreachable' });
    given(received()).when(unreachable).thenRejected('too_few_attempts', '/cause');
    const attempts = ['2026-11-02T09:00:00.000Z', '2026-11-02T15:00:00.000Z', '2026-11-03T09:00:00.000Z'].map(failed);
    given(received(), ...attempts.slice(0, 2))
      .when(unreachable)
      .thenRejected('too_few_attempts', '/cause');
    given(received(), ...attempts)
      .when(unreachable)
      .thenRecorded('IdentityWaived');
  });
  test('rejects a responsible person with a conflict of interest', () => {
    const aboutSupervisor = received({ points: [{ id: 'p1', subject: { employeeId: 'supervisor-1' } }] });
    given(aboutSupervisor).when(waiveInvestigation).thenRejected('conflict_of_interest', '/responsible');
    given(aboutSupervisor)
      .when(waiveIdentity({ responsible: 'supervisor-1' }))
      .thenRejected('conflict_of_interest', '/responsible');
  });
  test('without a party, the identity checks of all unchecked parties are waived; with a party, only its check', () => {
    const twoParties = received({
      parties: [complainantWang, { id: 'a2', role: 'co_complainant', authority: 'none' }],
    });
    given(twoParties).when(waiveIdentity()).then(identityWaived('a1'), identityWaived('a2'));
    given(twoParties, identified).when(waiveIdentity()).then(identityWaived('a2'));
    given(twoParties)
      .when(waiveIdentity({ party: 'a2' }))
      .then(identityWaived('a2'));
    given(twoParties)
      .when(waiveIdentity({ party: 'a3' }))
      .thenRejected('unknown_party', '/party');
    given(twoParties, identified)
      .when(waiveIdentity({ party: 'a1' }))
      .thenRejected('nothing_to_change', '/party');
    given(received(), identified).when(waiveIdentity()).thenRejected('nothing_to_change');
  });
  test('the identity check of a complaint without parties is waived once', () => {
    given(received({ parties: [] }))
      .when(waiveIdentity())
      .then(identityWaived());
    given(received({ parties: [] }), identityWaived())
      .when(waiveIdentity())
      .thenRejected('nothing_to_change');
  });
});
