import { earliest, type Moment } from '../platform/moment.js';
import type { Complaint } from './complaint.js';
import { unmet, type Context, type Unmet } from './decision.js';
import type { HouseRules } from '../house-policy/rules.js';
import { usableContacts } from './guards.js';
import { plusHours } from './order.js';
import type { DeliveryAttempt } from './terms/facts.js';

/** When somebody is unreachable (T8, T14, T16). */

/** The failed attempts to reach a party: deliveries of letters and outbound contacts. */
export const failedAttemptsTo = ({ letters, contacts }: Complaint, party: string): DeliveryAttempt[] => [
  ...letters.flatMap(({ deliveries }) =>
    deliveries.flatMap(({ result, to = party, at, channel = 'unknown', reason = '' }) =>
      result === 'failed' && to === party ? [{ at, channel, reason }] : [],
    ),
  ),
  ...contacts.flatMap((contact) =>
    contact.direction === 'outbound' && contact.party === party && contact.result !== 'reached'
      ? [{ at: contact.at, channel: contact.channel, reason: contact.result }]
      : [],
  ),
];

/** True if the party cannot be reached, with the attempt that is reported now. A party without contact details never can. */
export const isUnreachable = (
  complaint: Complaint,
  party: string,
  reported: DeliveryAttempt | undefined,
  context: Context,
): boolean => tooFewAttempts(complaint, party, reported, context, '') === undefined;

/** What is missing for a party to be unreachable, in one problem; undefined if nothing is. */
export function tooFewAttempts(
  complaint: Complaint,
  party: string,
  reported: DeliveryAttempt | undefined,
  context: Context,
  pointer: string,
): Unmet | undefined {
  const rules = context.reference.house;
  const channels = channelsOf(complaint, party);
  if (channels.length === 0) return undefined;
  const attempts = [...failedAttemptsTo(complaint, party), ...(reported === undefined ? [] : [reported])];
  const counted = withoutRepeats(attempts, rules);
  const days = new Set(counted.map(({ at }) => dayOf(at)));
  const untried = channels.filter((channel) => !attempts.some((attempt) => isSameAddress(attempt.channel, channel)));
  const missing = [
    ...(counted.length < rules.deliveryAttempts
      ? [`${String(rules.deliveryAttempts)} failed attempts (found: ${String(counted.length)})`]
      : []),
    ...(days.size < rules.attemptDays
      ? [`attempts on ${String(rules.attemptDays)} days (found: ${String(days.size)})`]
      : []),
    ...(untried.length > 0 ? [`an attempt by ${untried.join(', ')}`] : []),
  ];
  return missing.length === 0
    ? undefined
    : unmet(
        'too_few_attempts',
        `${party} is unreachable only after ${missing.join(', ')}; record this attempt as failed`,
        pointer,
      );
}

/** True if both channels reach one address: a text message goes to a phone number. */
const isSameAddress = (one: string, other: string): boolean => addressKind(one) === addressKind(other);

const addressKind = (channel: string): string => (channel === 'sms' ? 'phone' : channel);

/** The channels of the contact details in use. */
function channelsOf({ parties }: Complaint, id: string): string[] {
  const party = parties.find((file) => file.id === id);
  return party === undefined ? [] : [...new Set(usableContacts(party).map(({ channel }) => channel))];
}

/** The attempts without those that repeat one of the same channel within the bounce window. */
function withoutRepeats(attempts: readonly DeliveryAttempt[], { bounceWindow }: HouseRules): DeliveryAttempt[] {
  const ordered = [...attempts].sort((one, other) => (earliest(one.at) < earliest(other.at) ? -1 : 1));
  const counted: DeliveryAttempt[] = [];
  for (const attempt of ordered) {
    const last = counted.findLast(({ channel }) => channel === attempt.channel);
    if (last === undefined || !isRepeat(last.at, attempt.at, bounceWindow)) counted.push(attempt);
  }
  return counted;
}

/** True if the later attempt is within the window after the earlier one, or on the same day if only the day is known. */
const isRepeat = (one: Moment, later: Moment, windowHours: number): boolean =>
  one.precision === 'instant' && later.precision === 'instant'
    ? later.at < plusHours(one.at, windowHours)
    : dayOf(one) === dayOf(later);

/** The calendar day of an attempt; of an instant in UTC. */
const dayOf = (moment: Moment): string => (moment.precision === 'day' ? moment.day : moment.at.slice(0, 10));
