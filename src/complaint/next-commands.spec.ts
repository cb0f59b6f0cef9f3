import { REFERENCE } from '../../test/support/directory.js';
import { fold, HANDLER, NOON, person, withMetadata, type History } from '../../test/support/given.js';
import {
  accepted,
  closed,
  contentVerified,
  delivered,
  eventsUntilInvestigated,
  eventsUntilResponded,
  identified,
  meritsAssessed,
  notUpheld,
  proposed,
  received,
  refund,
  responseSent,
  upheld,
} from '../../test/support/complaint-history.js';
import { codesInSource } from '../../test/support/codes-in-source.js';
import { instant } from '../platform/moment.js';
import { allowedNow } from './allowed.js';
import {
  ComplaintAcknowledged,
  ComplaintAssigned,
  ComplaintClassified,
  HoldPlaced,
  InformationRequested,
  RemedyDrafted,
  SeverityAssessed,
} from './events.js';
import { COMMANDS_FOR_CONDITION, nextCommands } from './next-commands.js';
import { complaintCommands, rowAt } from './table.js';

const commandsFor = (history: History, actor = HANDLER) => {
  const complaint = fold(history);
  const context = { now: NOON, occurredAt: instant(NOON), actor, reference: REFERENCE };
  return nextCommands(complaint, allowedNow(complaint, context), NOON);
};
const next = (...history: History) => commandsFor(history).next.map(({ path }) => path);

const acknowledged = ComplaintAcknowledged({ channel: 'phone' });
const assigned = ComplaintAssigned({ handler: 'handler-1' });
const classified = ComplaintClassified({
  nature: 'complaint',
  points: [{ id: 'p1', category: 'product_quality' }],
  taxonomyVersion: 1,
});
const assessed = SeverityAssessed({ severity: 'minor', safetyCritical: false });

describe('the commands that help next', () => {
  test('are the steps of intake first, then what the determination requires', () => {
    expect(next(received())).toEqual([
      'acknowledge',
      'assign',
      'admit',
      'classify',
      'assess-severity',
      'verify-content',
      'assess-merits',
      'verify-identity',
      'waive-identity',
    ]);
  });

  test('leave out what is done', () => {
    const begun = [received(), acknowledged, assigned, classified, assessed, contentVerified];
    expect(next(...begun)).toEqual(['accept-assignment', 'assess-merits', 'verify-identity', 'waive-identity']);
    expect(next(...begun, identified, meritsAssessed)).toEqual(['accept-assignment', 'make-determination']);
  });

  test('name what the complaint is waiting for', () => {
    const asked = InformationRequested({ requestId: 'q1', from: 'a1', question: 'Which dish?' });
    const until = (expectedEnd: string) =>
      HoldPlaced({
        holdId: 'h1',
        reason: 'awaiting_complainant',
        counterparty: 'a1',
        expectedEnd: instant(expectedEnd),
      });
    expect(next(received(), asked)).toContain('receive-information');
    expect(next(received(), until('2026-11-20T09:00:00.000Z'))).toContain('release-hold');
    expect(next(received(), until('2026-11-05T09:00:00.000Z'))).not.toContain('release-hold');
  });

  test('are a remedy for an upheld point, and the response', () => {
    expect(next(...eventsUntilInvestigated(), upheld)).toEqual(['propose-remedy', 'send-final-response']);
    expect(next(...eventsUntilInvestigated(), notUpheld)).toEqual(['send-final-response']);
    expect(next(...eventsUntilInvestigated(), upheld, proposed())).toEqual([
      'send-final-response',
      'accept-remedy',
      'reject-remedy',
    ]);
  });

  test('are the approval of a draft only for another person than its author', () => {
    const draft = withMetadata(RemedyDrafted({ remedyId: 'r1', measures: [refund], needsAcceptance: true }), {
      by: HANDLER,
    });
    const history = [...eventsUntilInvestigated(), upheld, draft];
    const paths = (actor: typeof HANDLER) => commandsFor(history, actor).next.map(({ path }) => path);
    expect(paths(HANDLER)).toEqual(['return-remedy', 'send-final-response']);
    expect(paths(person('handler-2'))).toEqual(['approve-remedy', 'return-remedy', 'send-final-response']);
  });

  test('are what closing requires, and closing', () => {
    const sent = [...eventsUntilInvestigated(), upheld, responseSent()];
    // the payment requires a verified identity, which is verified
    expect(next(...sent, proposed(), accepted)).toEqual([
      'record-delivery',
      'complete-measure',
      'record-redress-payment',
      'waive-measure',
      'request-feedback',
      'submit-feedback',
      'schedule-follow-up',
      'record-follow-up',
    ]);
    expect(next(...sent, delivered())).toEqual(['close']); // the follow-up window ended on 8 November
  });

  test('are after the end only what is still owed', () => {
    expect(next(...eventsUntilResponded(), closed)).toEqual([]);
    expect(next(...eventsUntilResponded(), proposed(), accepted, closed)).toEqual([
      'complete-measure',
      'record-redress-payment',
    ]);
  });
});

test('all other allowed commands follow in the order of the procedure', () => {
  const { next: first, others } = commandsFor([received()]);
  const allowedPaths = [...first, ...others].map(({ path }) => path);
  expect(new Set(allowedPaths).size).toBe(allowedPaths.length);
  const order = complaintCommands.map(({ path }) => path);
  const otherPaths = others.map(({ path }) => path);
  expect(otherPaths).toEqual(order.filter((path) => otherPaths.includes(path)));
  expect(otherPaths).toContain('resolve-at-first-contact');
  expect([...first, ...others].every(({ allowed }) => allowed)).toBe(true);
});

test('each condition is one that the source has, and each command one of the table', () => {
  const codes = codesInSource();
  for (const [code, paths] of Object.entries(COMMANDS_FOR_CONDITION)) {
    expect([code, codes.has(code)]).toEqual([code, true]);
    for (const path of paths) expect([path, rowAt(path)?.path]).toEqual([path, path]);
  }
});
