import { AcceptRemedy, ProposeRemedy } from '../complaint/commands/remedies.js';
import { MakeDetermination, SendFinalResponse } from '../complaint/commands/resolution.js';
import { LodgeComplaint } from '../complaint/commands/intake.js';
import { checkBody, problemOfValue, reasonOf, reportOf, valueOfAnswer, withValue } from './missing-fields.js';

const missingPaths = (...parameters: Parameters<typeof checkBody>) =>
  checkBody(...parameters).missing.map(({ path }) => path);

describe('the fields that are missing', () => {
  test('are the required ones, in their order', () => {
    expect(missingPaths(SendFinalResponse, { channel: 'email' })).toEqual(['kind', 'addressees', 'text']);
    expect(missingPaths(SendFinalResponse, { kind: 'accept', addressees: [], channel: 'email', text: 'a' })).toEqual(
      [],
    );
  });

  test('include those of a required object and of the first item of a required list', () => {
    expect(missingPaths(AcceptRemedy, {})).toEqual(['remedyId', 'statedBy.party', 'statedBy.medium', 'statedBy.at']);
    const checked = checkBody(ProposeRemedy, { needsAcceptance: true });
    expect(checked.missing.map(({ path }) => path)).toEqual(
      ['type', 'pointIds', 'action', 'owner', 'provider', 'dueAt'].map((name) => `measures[0].${name}`),
    );
    expect(checked.body).toEqual({ needsAcceptance: true, measures: [{}] });
  });

  test('include those of an optional object only if it is given', () => {
    expect(missingPaths(LodgeComplaint, {})).toEqual(['channel']);
    expect(missingPaths(LodgeComplaint, { channel: 'phone', resolution: { whatWasDone: 'Replaced' } })).toEqual([
      'resolution.statedBy.party',
      'resolution.statedBy.medium',
      'resolution.statedBy.at',
    ]);
  });

  test('are separate from the fields that are wrong', () => {
    const checked = checkBody(MakeDetermination, { points: [{ id: 'p 1', outcome: 'won' }], recurse: 'x' });
    expect(reportOf(checked).split('\n')).toEqual([
      'these fields are missing:',
      '  points[0].reasons: text of up to 10000 characters (Reasons for the decision)',
      'these fields are not valid:',
      '  recurse is unknown; remove it or correct its name (unknown_field)',
      '  points[0].id must be 1 to 128 characters, each a letter, a digit or one of . _ : @ / - (wrong_form)',
      '  points[0].outcome must be one of upheld, partly_upheld, not_upheld, resolved_without_finding, answered (not_in_list)',
    ]);
  });

  test('are described by their kind, their codes and their description', () => {
    expect(reportOf(checkBody(AcceptRemedy, {})).split('\n')).toEqual([
      'these fields are missing:',
      '  remedyId: id (Id of the remedy)',
      '  statedBy.party: id (Id of the party who made the statement; `unidentified` if no party is on file)',
      '  statedBy.medium: one of in_person, phone, written, online',
      '  statedBy.at: time with offset, such as 2026-11-22T09:30:00+08:00; or a day: .day=2026-11-22 and ' +
        '.zone=Asia/Shanghai (When the statement was made)',
    ]);
    expect(reportOf(checkBody(ProposeRemedy, {}))).toContain('  needsAcceptance: true or false (');
    expect(reportOf(checkBody(ProposeRemedy, {}))).toContain('  measures[0].pointIds: list of 1 to 100: id (');
  });
});

describe('an answer', () => {
  const [points] = checkBody(ProposeRemedy, { needsAcceptance: true }).missing.filter(({ path }) =>
    path.endsWith('pointIds'),
  );
  if (points === undefined) throw new Error('expected measures[0].pointIds to be missing');

  test('for a list has its items separated by commas', () => {
    expect(valueOfAnswer(points.place, ' p1, p2 ,')).toEqual(['p1', 'p2']);
    expect(valueOfAnswer(points.place, '')).toEqual([]);
    expect(valueOfAnswer({ ...points.place, items: undefined }, 'p1, p2')).toBe('p1, p2');
  });

  test('is checked in its place, whatever else is missing', () => {
    const body = { needsAcceptance: true, measures: [{}] };
    expect(problemOfValue(ProposeRemedy, body, points, ['p1'])).toBeUndefined();
    expect(problemOfValue(ProposeRemedy, body, points, [])).toBe('measures[0].pointIds must have at least 1 items');
    expect(problemOfValue(ProposeRemedy, body, points, ['p1', 'p 2'])).toMatch(/^measures\[0\]\.pointIds\[1\] must be/);
  });

  test('is put in its place without changing the body', () => {
    const body = { measures: [{ action: 'Refund' }] };
    expect(withValue(body, ['measures', '0', 'owner'], 'handler-1')).toEqual({
      measures: [{ action: 'Refund', owner: 'handler-1' }],
    });
    expect(body).toEqual({ measures: [{ action: 'Refund' }] });
  });
});

test('a reason of a refusal has its field once, as a path, and its code', () => {
  const reason = (message: string, pointer?: string) => reasonOf({ code: 'c', message, ...(pointer && { pointer }) });
  expect(reason('the complaint has ended')).toBe('the complaint has ended (c)');
  expect(reason('there is no point p7', '/points/0/id')).toBe('points[0].id: there is no point p7 (c)');
  expect(reason('points/0/id must be text', '/points/0/id')).toBe('points[0].id must be text (c)');
});
