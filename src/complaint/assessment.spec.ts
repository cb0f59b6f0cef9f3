import { command, given, type Fields, HANDLER, SUPERVISOR, withMetadata } from '../../test/support/given.js';
import { closed, received } from '../../test/support/complaint-history.js';
import * as commands from './commands/assessment.js';
import * as events from './events.js';
import type { PriorityInputs } from './priority.js';

const admitted = events.ComplaintAdmitted({ implied: true });
const rule = { id: 'house-priority', version: 1 };
const byRule = (
  priority: 'P1' | 'P2' | 'P3' | 'P4',
  inputs: Partial<PriorityInputs> = {},
  basis: 'rule' | 'input_changed' = 'input_changed',
) =>
  events.ComplaintPrioritised({
    priority,
    rule,
    inputs: { safetyCritical: false, vulnerable: false, ...inputs },
    basis,
  });

describe('T4: classifying', () => {
  const classify = (overrides: Fields<commands.ClassifyComplaint> = {}) =>
    command(commands.ClassifyComplaint, {
      nature: 'complaint',
      points: [{ id: 'p1', category: 'price' }],
      ...overrides,
    });
  const classified = events.ComplaintClassified({
    nature: 'complaint',
    points: [{ id: 'p1', category: 'price' }],
    taxonomyVersion: 1,
  });

  test('records the classification and the admission that it implies', () => {
    given(received()).when(classify()).then(admitted, classified);
    given(received(), admitted).when(classify()).then(classified);
  });
  test('as spam or not addressed to us does not imply the admission; a later classification does', () => {
    for (const nature of ['spam', 'not_addressed_to_us'] as const) {
      given(received()).when(classify({ nature })).thenRecorded('ComplaintClassified');
      const other = events.ComplaintClassified({
        nature,
        points: [{ id: 'p1', category: 'price' }],
        taxonomyVersion: 1,
      });
      given(received(), other).when(classify()).then(admitted, classified);
    }
  });
  test('records a changed classification', () =>
    given(received(), classified)
      .when(classify({ suspectedCause: 'pricing' }))
      .thenRecorded('ComplaintClassified'));
  test('rejects an unchanged classification', () =>
    given(received(), classified).when(classify()).thenRejected('nothing_to_change'));
  test('rejects an unknown point and a repeated point', () => {
    given(received())
      .when(classify({ points: [{ id: 'p9', category: 'price' }] }))
      .thenRejected('unknown_point', '/points/0/id');
    given(received())
      .when(
        classify({
          points: [
            { id: 'p1', category: 'price' },
            { id: 'p1', category: 'other' },
          ],
        }),
      )
      .thenRejected('point_repeated', '/points/1/id');
  });
  test('keeps the suspected cause if a later classification omits it', () => {
    const first = events.ComplaintClassified({
      nature: 'complaint',
      points: [{ id: 'p1', category: 'price' }],
      suspectedCause: 'pricing',
      taxonomyVersion: 1,
    });
    const second = events.ComplaintClassified({
      nature: 'complaint',
      points: [{ id: 'p1', category: 'disclosure' }],
      taxonomyVersion: 1,
    });
    expect(given(received(), first, second).state.classification).toMatchObject({ suspectedCause: 'pricing' });
  });
  test('requires the current taxonomy version', () =>
    given(received())
      .when(classify({ taxonomyVersion: 2 }))
      .thenRejected('taxonomy_not_current', '/taxonomyVersion'));
  test('requires an open complaint', () => given(received(), closed).when(classify()).thenRejected('not_open'));
});

describe('T4: severity', () => {
  const assess = (overrides: Fields<commands.AssessSeverity> = {}) =>
    command(commands.AssessSeverity, { severity: 'moderate', ...overrides });
  const safetyCritical = events.SeverityAssessed({ severity: 'serious', safetyCritical: true });

  test('records the assessment, the admission that it implies, and the priority by rule', () => {
    const inputs = { severity: 'moderate', impactScope: 'many' } as const;
    given(received())
      .when(assess({ impactScope: 'many', complexity: 'simple' }))
      .then(
        admitted,
        events.SeverityAssessed({ ...inputs, safetyCritical: false, complexity: 'simple' }),
        byRule('P2', inputs),
      );
  });
  test('records no new priority if no input of the rule changes', () =>
    given(received(), admitted, events.SeverityAssessed({ severity: 'minor', safetyCritical: false }))
      .when(assess({ severity: 'minor', complexity: 'complex' }))
      .thenRecorded('SeverityAssessed'));
  test('rejects an unchanged assessment', () =>
    given(received(), events.SeverityAssessed({ severity: 'moderate', safetyCritical: false }))
      .when(assess())
      .thenRejected('nothing_to_change'));
  test('keeps the values that a later assessment omits', () => {
    const first = events.SeverityAssessed({ severity: 'serious', impactScope: 'many', safetyCritical: true });
    const second = events.SeverityAssessed({ severity: 'serious', safetyCritical: true, complexity: 'complex' });
    given(received(), withMetadata(first, { by: HANDLER }))
      .when(assess({ severity: 'serious', complexity: 'complex' }), { by: SUPERVISOR })
      .then(second);
    expect(given(received(), first, second).state.severity).toMatchObject({
      impactScope: 'many',
      complexity: 'complex',
    });
  });
  test('the person who set the safety does not lower it; another person does (I16)', () => {
    const history = [received(), admitted, withMetadata(safetyCritical, { by: HANDLER })];
    given(...history)
      .when(assess({ safetyCritical: false }))
      .thenRejected('needs_second_person', '/safetyCritical');
    given(...history)
      .when(assess({ safetyCritical: false }), { by: SUPERVISOR })
      .thenRecorded('SeverityAssessed', 'ComplaintPrioritised');
    given(...history)
      .when(assess({ safetyCritical: false }), { house: { safetyByTwo: false } })
      .thenRecorded('SeverityAssessed', 'ComplaintPrioritised');
  });
  test('repeating the value does not set the safety (I16)', () => {
    const history = [
      received(),
      admitted,
      withMetadata(safetyCritical, { by: HANDLER }),
      withMetadata(safetyCritical, { by: SUPERVISOR }),
    ];
    given(...history)
      .when(assess({ safetyCritical: false }), { by: HANDLER })
      .thenRejected('needs_second_person', '/safetyCritical');
    given(...history)
      .when(assess({ safetyCritical: false }), { by: SUPERVISOR })
      .thenRecorded('SeverityAssessed', 'ComplaintPrioritised');
  });
});

describe('T4: priority', () => {
  const set = (fields: Fields<commands.SetPriority> = {}) => command(commands.SetPriority, fields);

  test.each([
    ['safety-critical is P1', { severity: 'minor', safetyCritical: true }, [], 'P1'],
    ['serious is P2', { severity: 'serious', safetyCritical: false }, [], 'P2'],
    ['minor is P4', { severity: 'minor', safetyCritical: false }, [], 'P4'],
    ['minor with many affected is P3', { severity: 'minor', impactScope: 'many', safetyCritical: false }, [], 'P3'],
    [
      'serious with a vulnerable complainant is P1',
      { severity: 'serious', safetyCritical: false },
      ['Older American'],
      'P1',
    ],
  ] as const)('%s by the priority rule', (_title, assessment, vulnerabilityTags, priority) => {
    given(received({ vulnerabilityTags }), admitted, events.SeverityAssessed(assessment))
      .when(set())
      .then(byRule(priority, { ...assessment, vulnerable: vulnerabilityTags.length > 0 }, 'rule'));
  });
  test('treats an unassessed severity as moderate, and implies the admission', () =>
    given(received())
      .when(set())
      .then(admitted, byRule('P3', {}, 'rule')));
  test('requires a reason if a manual value differs from the rule', () => {
    given(received(), admitted)
      .when(set({ priority: 'P1' }))
      .thenRejected('reason_missing', '/reason');
    given(received(), admitted)
      .when(set({ priority: 'P1', reason: 'Third call' }))
      .thenRecorded('ComplaintPrioritised');
  });
  test('rejects an unchanged priority', () =>
    given(received(), byRule('P3', {}, 'rule'))
      .when(set())
      .thenRejected('nothing_to_change', '/priority'));

  const byPerson = events.ComplaintPrioritised({
    priority: 'P2',
    rule,
    inputs: { safetyCritical: false, vulnerable: false },
    reason: 'Third call',
    basis: 'person',
  });
  const assess = (fields: Fields<commands.AssessSeverity>) => command(commands.AssessSeverity, fields);
  test('a priority that a person set with a reason stands until a person asks for the rule', () => {
    given(received(), admitted, byPerson)
      .when(assess({ severity: 'minor' }))
      .thenRecorded('SeverityAssessed');
    given(received(), admitted, byPerson)
      .when(set())
      .then(byRule('P3', {}, 'rule'));
    const old = events.ComplaintPrioritised({
      priority: 'P2',
      rule,
      inputs: { safetyCritical: false, vulnerable: false },
      reason: 'Third call',
    });
    expect(given(received(), old).state.priority?.override).toEqual({ priority: 'P2', reason: 'Third call' });
  });
  test('is P1 while safety is set, and what a person set returns afterwards (R42)', () => {
    const inputs = { severity: 'minor', safetyCritical: true } as const;
    const unsafe = events.SeverityAssessed(inputs);
    given(received(), admitted, byPerson).when(assess(inputs)).then(unsafe, byRule('P1', inputs));
    const history = [received(), admitted, byPerson, withMetadata(unsafe, { by: HANDLER }), byRule('P1', inputs)];
    given(...history)
      .when(set({ priority: 'P3', reason: 'Busy' }), { by: SUPERVISOR })
      .thenRejected('safety_is_set', '/priority');
    given(...history)
      .when(assess({ severity: 'minor', safetyCritical: false }), { by: SUPERVISOR })
      .then(events.SeverityAssessed({ severity: 'minor', safetyCritical: false }), byRule('P2', { severity: 'minor' }));
  });
});
