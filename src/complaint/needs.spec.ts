import { command, fold, given, type Fields } from '../../test/support/given.js';
import { closed, received } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { RecordNeed } from './commands/care.js';
import type { DataOf } from './complaint.js';
import * as events from './events.js';

const fields = {
  party: 'a1',
  driver: 'health',
  need: 'Hard of hearing',
  adjustment: 'Write instead of calling',
  consent: true,
} as const;
const record = (overrides: Fields<RecordNeed> = {}) => command(RecordNeed, { ...fields, ...overrides });
const recorded = (more: Partial<DataOf<'NeedRecorded'>> = {}) => events.NeedRecorded({ ...fields, ...more });
const raised = events.ComplaintPrioritised({
  priority: 'P2',
  rule: { id: 'house-priority', version: 1 },
  inputs: { safetyCritical: false, vulnerable: true },
  basis: 'input_changed',
});

describe('T28: needs', () => {
  test('a need raises the priority by rule in the same command, and leaves the stage', () => {
    given(received()).when(record()).then(recorded(), raised);
    expect(fold([received(), recorded(), raised]).stage).toBe('Received');
  });
  test('a second need changes no input of the rule', () =>
    given(received(), recorded(), raised)
      .when(record({ need: 'Recently bereaved', driver: 'life_event' }))
      .thenRecorded('NeedRecorded'));
  test('a later record of the same need replaces it', () => {
    const until = instant('2026-11-30T00:00:00.000Z');
    const replaced = recorded({ adjustment: 'Use a relay service', harm: true, until });
    given(received(), recorded(), raised)
      .when(record({ adjustment: 'Use a relay service', harm: true, until }))
      .then(replaced);
    expect(fold([received(), recorded(), replaced]).needs).toMatchObject([
      { need: 'Hard of hearing', adjustment: 'Use a relay service', harm: true },
    ]);
  });
  test('a need that is over no longer counts', () => {
    const over = { until: instant('2026-11-09T00:00:00.000Z') };
    given(received(), recorded(), raised).when(record(over)).thenRecorded('NeedRecorded', 'ComplaintPrioritised');
    given(received()).when(record(over)).thenRecorded('NeedRecorded');
  });
  test('is recorded in every stage, also after the end', () =>
    given(received(), closed).when(record()).thenRecorded('NeedRecorded', 'ComplaintPrioritised'));
  test('rejects an unknown party and an unchanged need', () => {
    given(received())
      .when(record({ party: 'a9' }))
      .thenRejected('unknown_party', '/party');
    given(received(), recorded()).when(record()).thenRejected('nothing_to_change', '/need');
  });
});
