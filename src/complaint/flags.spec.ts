import {
  command,
  fold,
  given,
  HANDLER,
  person,
  SUPERVISOR,
  withMetadata,
  type History,
} from '../../test/support/given.js';
import { REFERENCE } from '../../test/support/directory.js';
import { closed, received, reopened } from '../../test/support/complaint-history.js';
import * as assessment from './commands/assessment.js';
import { ClearFlag, RaiseFlag } from './commands/care.js';
import * as events from './events.js';
import { letThrough } from './policy-refs.js';

const raise = (flag: RaiseFlag['flag'] = 'safety') => command(RaiseFlag, { flag, reason: 'Glass in the dish' });
const clear = (flag: ClearFlag['flag'] = 'safety') => command(ClearFlag, { flag, reason: 'No glass found' });
const raised = (flag: RaiseFlag['flag'] = 'safety') => events.RiskFlagged({ flag, reason: 'Glass in the dish' });
const cleared = (flag: ClearFlag['flag'] = 'safety') => events.RiskFlagCleared({ flag, reason: 'No glass found' });
const prioritised = (priority: 'P1' | 'P3', safetyCritical: boolean) =>
  events.ComplaintPrioritised({
    priority,
    rule: { id: 'house-priority', version: 1 },
    inputs: { safetyCritical, vulnerable: false },
    basis: 'input_changed',
  });
const THIRD = person('handler-3');

describe('T28: risk flags', () => {
  test('a safety flag gives P1 in the same command and leaves the stage', () => {
    given(received()).when(raise()).then(raised(), prioritised('P1', true));
    expect(fold([received(), raised(), prioritised('P1', true)]).stage).toBe('Received');
  });
  test('clearing it gives the priority by rule', () =>
    given(received(), withMetadata(raised(), { by: HANDLER }), prioritised('P1', true))
      .when(clear(), { by: SUPERVISOR })
      .then(cleared(), prioritised('P3', false)));
  test('other flags do not change the priority', () => given(received()).when(raise('legal')).then(raised('legal')));
  test('a flag is raised and cleared in every stage, also after the end', () => {
    given(received(), closed).when(raise('legal')).thenRecorded('RiskFlagged');
    given(received(), raised('legal'), closed).when(clear('legal')).thenRecorded('RiskFlagCleared');
  });
  test('rejects what is already so, and a flag that is not raised', () => {
    given(received(), raised()).when(raise()).thenRejected('nothing_to_change', '/flag');
    given(received()).when(clear('legal')).thenRejected('no_flag');
    given(received(), raised()).when(clear('legal')).thenRejected('no_flag', '/flag');
    given(received(), raised('legal'), cleared('legal')).when(clear('legal')).thenRejected('nothing_to_change');
    given(received(), raised('legal'), cleared('legal'), raised())
      .when(clear('legal'))
      .thenRejected('nothing_to_change', '/flag');
  });
  test('rejects unknown evidence, and a person with a conflict of interest (I6)', () => {
    given(received())
      .when(command(RaiseFlag, { flag: 'legal', evidenceIds: ['e9'] }))
      .thenRejected('unknown_evidence', '/evidenceIds/0');
    given(received({ points: [{ id: 'p1', subject: { employeeId: 'waiter-1' } }] }))
      .when(raise(), { by: person('waiter-1') })
      .thenRejected('conflict_of_interest');
  });
});

describe('I16: safety is cleared only by a person who has not set it', () => {
  const unsafe = events.SeverityAssessed({ severity: 'serious', safetyCritical: true });
  const safe = events.SeverityAssessed({ severity: 'serious', safetyCritical: false });
  const expectSecondPerson = (history: History, by = HANDLER) =>
    given(...history)
      .when(clear(), { by })
      .thenRejected('needs_second_person', '/flag');
  const expectCleared = (history: History, by = HANDLER) =>
    given(...history)
      .when(clear(), { by })
      .thenRecorded('RiskFlagCleared', 'ComplaintPrioritised');
  const byHandler = withMetadata(raised(), { by: HANDLER });
  const bySupervisor = withMetadata(raised(), { by: SUPERVISOR });

  test('not by the person who raised the flag, whatever the case of their id', () => {
    expectSecondPerson([received(), byHandler]);
    expectSecondPerson([received(), byHandler], person('HANDLER-1'));
    expectCleared([received(), byHandler], SUPERVISOR);
  });
  test('two colleagues do not defeat it by turns', () => {
    const byTurns = [
      received(),
      byHandler,
      withMetadata(cleared(), { by: SUPERVISOR }),
      withMetadata(unsafe, { by: SUPERVISOR }),
      withMetadata(raised(), { by: THIRD }),
    ];
    for (const by of [HANDLER, SUPERVISOR, THIRD]) expectSecondPerson(byTurns, by);
    given(...byTurns)
      .when(clear(), { by: person('reviewer-1', 'reviewer') })
      .thenRecorded('RiskFlagCleared');
  });
  test('not by a person who set it in another way since it began to stand', () =>
    expectSecondPerson([received(), withMetadata(unsafe, { by: HANDLER }), bySupervisor]));
  test('a new episode starts with those who set it since it last began to stand', () => {
    const next = [closed, reopened()];
    expectSecondPerson([received(), byHandler, ...next]);
    const withGap = [
      received(),
      withMetadata(unsafe, { by: HANDLER }),
      withMetadata(safe, { by: SUPERVISOR }),
      bySupervisor,
    ];
    expectSecondPerson(withGap);
    given(...withGap, ...next)
      .when(clear(), { by: HANDLER })
      .thenRecorded('RiskFlagCleared', 'ComplaintPrioritised');
    expectSecondPerson([...withGap, ...next], SUPERVISOR);
  });
  test('by anybody if the house has only one person; the event names the rule', () =>
    given(received(), byHandler)
      .when(clear(), { house: { safetyByTwo: false } })
      .then(letThrough(cleared(), { reference: REFERENCE }, 'safetyByTwo'), prioritised('P3', false)));
  test('a safety flag keeps the complaint safety-critical after its assessment is lowered', () => {
    const history = [received(), events.ComplaintAdmitted({}), withMetadata(unsafe, { by: HANDLER }), bySupervisor];
    given(...history)
      .when(command(assessment.AssessSeverity, { severity: 'serious', safetyCritical: false }), { by: THIRD })
      .thenRecorded('SeverityAssessed');
    expect(fold([...history, withMetadata(safe, { by: THIRD })]).safety).toMatchObject({
      isSet: true,
      lastChangedBy: 'handler-3',
    });
  });
});
