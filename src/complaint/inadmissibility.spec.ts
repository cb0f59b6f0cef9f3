import { REFERENCE } from '../../test/support/directory.js';
import {
  command,
  fold,
  given,
  HANDLER,
  person,
  SUPERVISOR,
  withMetadata,
  type Fields,
  type History,
} from '../../test/support/given.js';
import {
  complainantWang,
  eventsUntilInvestigated,
  received,
  reopened,
  upheld,
} from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { ApproveInadmissibility, DeclareInadmissible } from './commands/intake.js';
import { DiscardDraft } from './commands/remedies.js';
import * as events from './events.js';
import { letThrough } from './policy-refs.js';
import { INADMISSIBLE_REASONS, NATURES } from './terms/vocabulary.js';

/** Fields of the command, which are also the data of its event. */
const complete = {
  reasonCode: 'not_addressed_to_us',
  nature: 'not_addressed_to_us',
  reasons: 'Another company delivered.',
  recourse: 'The market regulator, 12315',
  addressees: ['a1'],
  channel: 'email',
} as const;
const declare = (overrides: Fields<DeclareInadmissible> = {}) =>
  command(DeclareInadmissible, { ...complete, ...overrides });
const declared = events.ComplaintDeclaredInadmissible({ noticeId: 'i1', ...complete });
const spam = command(DeclareInadmissible, { reasonCode: 'spam', nature: 'spam', reasons: 'Advertising' });
const declaredSpam = events.ComplaintDeclaredInadmissible({
  reasonCode: 'spam',
  nature: 'spam',
  reasons: 'Advertising',
  addressees: [],
});

describe('T3: declaring inadmissible', () => {
  test('records the end of the complaint with a notice that states recourse', () =>
    given(received()).when(declare()).then(declared));
  test('a notice that is spoken or handed over is delivered at once', () =>
    given(received())
      .when(declare({ channel: 'phone' }))
      .thenRecorded('ComplaintDeclaredInadmissible', 'OutcomeCommunicated'));
  test('settles what waits, and lifts the admission', () => {
    const task = events.DepartmentTaskRequested({ taskId: 't1', orgUnit: 'kitchen', task: 'Check the log' });
    const history = [received(), events.ComplaintAdmitted({}), task];
    given(...history)
      .when(declare())
      .then(events.DepartmentTaskCancelled({ taskId: 't1', cause: 'ended' }), declared);
    expect(fold([...history, declared]).admittedAt).toBeNull();
  });
  test('is allowed before the determination, once', () => {
    given(...eventsUntilInvestigated())
      .when(declare())
      .thenRecorded('ComplaintDeclaredInadmissible');
    given(...eventsUntilInvestigated(), upheld)
      .when(declare())
      .thenRejected('wrong_stage');
    given(received(), declared).when(declare()).thenRejected('not_open');
  });
  test('requires channel, recourse and addressees that may be told', () => {
    const { channel: _channel, ...withoutChannel } = complete;
    given(received()).when(command(DeclareInadmissible, withoutChannel)).thenRejected('channel_missing', '/channel');
    const { recourse: _recourse, ...withoutRecourse } = complete;
    given(received()).when(command(DeclareInadmissible, withoutRecourse)).thenRejected('recourse_missing', '/recourse');
    given(received())
      .when(declare({ addressees: [] }))
      .thenRejected('addressee_missing', '/addressees');
    given(received())
      .when(declare({ addressees: ['a1', 'a9'] }))
      .thenRejected('unknown_party', '/addressees/1');
    given(received())
      .when(declare({ addressees: ['a1', 'a1'] }))
      .thenRejected('addressee_repeated', '/addressees/1');
  });
  test('names everything that is missing at once', () => {
    const { channel: _channel, recourse: _recourse, ...rest } = complete;
    const decision = given(received()).when(command(DeclareInadmissible, { ...rest, nature: 'spam' })).decision;
    expect('unmet' in decision && decision.unmet.map(({ code }) => code)).toEqual([
      'reason_contradicts_nature',
      'channel_missing',
      'recourse_missing',
    ]);
  });
  test('spam needs no notice', () => given(received()).when(spam).then(declaredSpam));
  test('is told to nobody where nobody may be told', () =>
    given(received({ parties: [] }))
      .when(command(DeclareInadmissible, { reasonCode: 'abusive', nature: 'complaint', reasons: 'Insults only' }))
      .then(
        events.ComplaintDeclaredInadmissible({
          noticeId: 'i1',
          reasonCode: 'abusive',
          nature: 'complaint',
          reasons: 'Insults only',
          addressees: [],
        }),
        events.OutcomeUndeliverable({ of: 'i1', attempts: [], cause: 'nobody' }),
      ));
  test('is told to a party who did not show identity or authority, and to no other who may not be told', () => {
    const daughter = { ...complainantWang, id: 'a2', role: 'representative', authority: 'claimed' } as const;
    const rejected = events.AuthorityRejected({ party: 'a2', reason: 'No power of attorney' });
    const history = [received({ parties: [complainantWang, daughter] }), rejected];
    const notShown = { reasonCode: 'standing_not_shown', nature: 'complaint' } as const;
    given(...history)
      .when(declare({ ...notShown, addressees: ['a1', 'a2'] }))
      .thenRecorded('ComplaintDeclaredInadmissible');
    given(...history)
      .when(declare(notShown))
      .thenRejected('addressee_missing', '/addressees');
    given(...history)
      .when(declare({ reasonCode: 'no_interest', nature: 'complaint', addressees: ['a1', 'a2'] }))
      .thenRejected('authority_rejected', '/addressees/1');
  });

  const OTHERS = ['enquiry', 'suggestion', 'report', 'request'];
  const FITTING: { readonly [reason: string]: readonly string[] } = {
    spam: ['spam'],
    not_addressed_to_us: ['not_addressed_to_us'],
    not_a_complaint: OTHERS,
  };
  test.each(INADMISSIBLE_REASONS.flatMap((reason) => NATURES.map((nature) => [reason, nature] as const)))(
    'the reason %s and the nature %s agree, or are refused',
    (reasonCode, nature) => {
      const when = given(received()).when(declare({ reasonCode, nature }));
      if ((FITTING[reasonCode] ?? ['complaint', ...OTHERS]).includes(nature))
        when.thenRecorded('ComplaintDeclaredInadmissible');
      else when.thenRejected('reason_contradicts_nature', '/nature');
    },
  );
});

describe('T3: inadmissibility by two people', () => {
  const raised = events.RiskFlagged({ flag: 'safety' });
  const drafted = events.InadmissibilityDrafted({ draftId: 'i1', ...complete });
  const approved = events.ComplaintDeclaredInadmissible({ noticeId: 'i1', ...complete, draftId: 'i1' });
  const approve = command(ApproveInadmissibility, { draftId: 'i1' });
  const FOURTH = person('handler-4');
  /** Flagged by handler-3, drafted by handler-1. */
  const unsafe: History = [
    received(),
    withMetadata(raised, { by: person('handler-3') }),
    withMetadata(drafted, { by: HANDLER }),
  ];

  test('is a draft while safety is set, which changes nothing (I16)', () => {
    given(received(), raised).when(declare()).then(drafted);
    const { stage, inadmissibilityDrafts } = fold(unsafe);
    expect([stage, inadmissibilityDrafts.map(({ status }) => status)]).toEqual(['Received', ['Drafted']]);
  });
  test('is a draft if the house rules ask for it', () =>
    given(received())
      .when(declare(), { house: { inadmissibleByTwo: true } })
      .then(drafted));
  test('a second person approves it, which ends the complaint', () => {
    given(...unsafe)
      .when(approve, { by: SUPERVISOR })
      .then(approved);
    expect(fold([...unsafe, approved])).toMatchObject({
      stage: 'Inadmissible',
      inadmissibilityDrafts: [{ draftId: 'i1', status: 'Approved' }],
    });
  });
  test('spam is approved without a notice', () => {
    const draftedSpam = events.InadmissibilityDrafted({ draftId: 'i1', ...declaredSpam.data });
    given(received(), raised).when(spam).then(draftedSpam);
    given(received(), withMetadata(raised, { by: FOURTH }), draftedSpam)
      .when(approve, { by: SUPERVISOR })
      .then(events.ComplaintDeclaredInadmissible({ ...declaredSpam.data, draftId: 'i1' }));
  });
  test('neither the author approves it, nor the last person who set or cleared the safety', () => {
    given(...unsafe)
      .when(approve, { by: HANDLER })
      .thenRejected('needs_second_person', '/draftId');
    given(...unsafe)
      .when(approve, { by: person('HANDLER-3') })
      .thenRejected('needs_second_person', '/draftId');
    const clearedByFourth = withMetadata(events.RiskFlagCleared({ flag: 'safety', reason: 'No glass' }), {
      by: FOURTH,
    });
    const assessed = events.SeverityAssessed({ severity: 'serious', safetyCritical: true });
    given(...unsafe, withMetadata(assessed, { by: SUPERVISOR }), clearedByFourth)
      .when(approve, { by: FOURTH })
      .thenRejected('needs_second_person', '/draftId');
    given(...unsafe, withMetadata(assessed, { by: SUPERVISOR }), clearedByFourth)
      .when(approve, { by: SUPERVISOR })
      .thenRecorded('ComplaintDeclaredInadmissible');
  });
  test('one person declares it if the house has only one; the event names the rule (I25)', () => {
    const house = { safetyByTwo: false };
    given(received(), raised)
      .when(declare(), { house })
      .then(letThrough(declared, { reference: REFERENCE }, 'safetyByTwo'));
    given(...unsafe)
      .when(approve, { by: HANDLER, house })
      .then(letThrough(approved, { reference: REFERENCE }, 'safetyByTwo'));
  });
  test('the notice must still be right when it is approved', () =>
    given(...unsafe, events.IdentityVerificationFailed({ party: 'a1', method: 'call_back', reason: 'Another person' }))
      .when(approve, { by: SUPERVISOR })
      .thenRejected('identity_failed', '/draftId'));
  test('rejects an unknown draft, one that no longer waits, and a time before the draft (I21)', () => {
    given(received()).when(approve, { by: SUPERVISOR }).thenRejected('no_draft');
    given(...unsafe)
      .when(command(ApproveInadmissibility, { draftId: 'i9' }), { by: SUPERVISOR })
      .thenRejected('unknown_draft', '/draftId');
    given(...unsafe, approved, reopened())
      .when(approve, { by: SUPERVISOR })
      .thenRejected('no_draft');
    given(received(), raised, withMetadata(drafted, { at: '2026-11-05T09:00:00.000Z' }))
      .when(command(ApproveInadmissibility, { draftId: 'i1', occurredAt: instant('2026-11-04T09:00:00.000Z') }), {
        by: SUPERVISOR,
      })
      .thenRejected('before_what_it_answers', '/occurredAt');
  });
  test('a draft is discarded like any other, and the next one has another id', () => {
    const discarded = events.DraftDiscarded({ draftId: 'i1', reason: 'It is a complaint' });
    given(...unsafe)
      .when(command(DiscardDraft, { draftId: 'i1', reason: 'It is a complaint' }))
      .then(discarded);
    given(...unsafe, discarded)
      .when(approve, { by: SUPERVISOR })
      .thenRejected('no_draft');
    given(...unsafe, discarded)
      .when(declare())
      .then(events.InadmissibilityDrafted({ draftId: 'i2', ...complete }));
  });
  test('an approval discards the other drafts', () => {
    const second = events.InadmissibilityDrafted({ draftId: 'i2', ...complete });
    given(...unsafe, second)
      .when(approve, { by: SUPERVISOR })
      .then(events.DraftDiscarded({ draftId: 'i2', cause: 'ended' }), approved);
  });
});
