import type { Recorded } from '../eventstore/envelope.js';
import type { Moment } from '../platform/moment.js';
import type { ComplaintRecord } from './complaint-record.js';
import { OWN_TIMES, isMoment } from './corrected-history.js';
import type { Context, Unmet } from './decision.js';
import type { ComplaintEvent } from './events.js';
import { beforeWhatItAnswers } from './order.js';

/** What each recorded event answers (I21), for a correction, which must leave every event after what it answers. */

type History = readonly Recorded<ComplaintEvent>[];

/** Evidence, contacts and information may be older than the complaint. */
const MAY_PRECEDE_RECEIPT: readonly string[] = [
  'ComplaintReceived',
  'EvidenceAdded',
  'ContactRecorded',
  'ComplainantChased',
  'InformationReceived',
];

/** The problems of times in this history: events before what they answer. */
export const orderProblems = (
  history: History,
  context: Pick<Context, 'reference'>,
  pointer: string,
): (Unmet & { readonly revision: number })[] =>
  history.flatMap((event) =>
    answeredBy(event, history).flatMap((answered) => {
      const at = timeOf(event);
      const problem = beforeWhatItAnswers(at, { event: answered.type, at: timeOf(answered) }, context, pointer);
      return problem === undefined ? [] : [{ ...problem, revision: event.revision }];
    }),
  );

/** The events that the event answers. */
function answeredBy(recorded: Recorded<ComplaintEvent>, history: History): Recorded<ComplaintEvent>[] {
  const event = recorded as ComplaintRecord;
  const earlier = history.filter(({ revision }) => revision < event.revision);
  const last = (...types: readonly ComplaintEvent['type'][]) => earlier.findLast(({ type }) => types.includes(type));
  const first = MAY_PRECEDE_RECEIPT.includes(event.type) ? undefined : earlier[0];
  return [first, specificallyAnswered(event, earlier, last)].flatMap((answered) => answered ?? []);
}

function specificallyAnswered(
  event: ComplaintRecord,
  earlier: History,
  last: (...types: readonly ComplaintEvent['type'][]) => Recorded<ComplaintEvent> | undefined,
): Recorded<ComplaintEvent> | undefined {
  const withId = (name: string, id: unknown, ...types: readonly string[]) =>
    earlier.findLast(
      ({ type, data }) => types.includes(type) && (data as unknown as Readonly<Record<string, unknown>>)[name] === id,
    );
  switch (event.type) {
    case 'FinalResponseSent':
    case 'RemedyDrafted':
      return last('DeterminationMade');
    case 'RemedyProposed':
      return withId('remedyId', event.data.remedyId, 'RemedyDrafted') ?? last('DeterminationMade');
    case 'OutcomeCommunicated':
    case 'CommunicationFailed':
    case 'DeliveryContested':
      return (
        withId('responseId', event.data.of, 'FinalResponseSent') ??
        withId('noticeId', event.data.of, 'ComplaintDeclaredInadmissible') ??
        withId('referralId', event.data.of, 'ComplaintReferredExternally')
      );
    case 'RemedyAccepted':
    case 'RemedyRejected':
    case 'RemedyOfferLapsed':
    case 'RemedyApproved':
      return withId('remedyId', event.data.remedyId, 'RemedyProposed', 'RemedyDrafted');
    case 'RemedyMeasureCompleted':
    case 'RemedyMeasureWaived':
    case 'RedressPaid':
      return event.data.remedyId === undefined
        ? undefined
        : withId('remedyId', event.data.remedyId, 'RemedyAccepted', 'RemedyProposed');
    case 'FeedbackSubmitted':
    case 'FollowUpCompleted':
    case 'FollowUpDeclined':
    case 'FollowUpUnreachable':
      return last('FinalResponseSent', 'RemedyImplemented');
    case 'ComplaintClosed':
      return last('FinalResponseSent', 'OutcomeCommunicated', 'RemedyImplemented');
    case 'ComplaintReopened':
      return last('ComplaintClosed', 'ComplaintWithdrawn', 'ComplaintDeclaredInadmissible', 'FinalResponseSent');
    default:
      return undefined;
  }
}

/** When the event happened: the time of its payload, otherwise that of its metadata. */
function timeOf({ data, metadata }: Recorded<ComplaintEvent>): Moment {
  const own = Object.entries(data).find(
    ([name, value]: [string, unknown]) => OWN_TIMES.includes(name) && isMoment(value),
  );
  return (own?.[1] as Moment | undefined) ?? metadata.occurredAt;
}
