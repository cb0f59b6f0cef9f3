import type { LetterKind } from '../response-policy/response-policy.js';
import { earliest, instant, isBefore, latest, plusPeriod, type Moment } from '../platform/moment.js';
import type { Complaint } from './complaint.js';
import { unmet, type Context, type Unmet } from './decision.js';
import { letterFactsOf } from './letter-facts.js';

/** What a letter tells, as far as response policies ask for it. */
export interface LetterContent {
  readonly recourse?: string | undefined;
  /** Until when the complainant may turn to an external body. */
  readonly referUntil?: Moment | undefined;
  readonly leaflets?: readonly string[] | undefined;
  readonly language?: string | undefined;
}

/**
 * The content of a letter with what follows from the policies, and what it lacks of what they ask. The time until which
 * the complainant may turn to a body follows from the date of the letter.
 */
export function askedContent(
  kind: LetterKind,
  content: LetterContent,
  complaint: Complaint,
  { reference, occurredAt }: Pick<Context, 'reference' | 'occurredAt'>,
): { readonly content: LetterContent; readonly problems: readonly Unmet[] } {
  const { recourse, referUntil, leaflets = [], language } = content;
  const sentAt = earliest(occurredAt);
  const asked = reference.responsePolicies.letterRequirement(kind, letterFactsOf(complaint), sentAt);
  const earliestUntil =
    asked.referWithin === undefined ? undefined : instant(plusPeriod(latest(occurredAt), asked.referWithin));
  const missingLeaflets = asked.leaflets.filter((leaflet) => !leaflets.includes(leaflet));
  const problems = [
    asked.recourse === 'required' && (recourse ?? '').trim() === ''
      ? unmet('recourse_missing', `the letter has no recourse; state ${bodiesText(asked.bodies)}`, '/recourse')
      : undefined,
    referUntil !== undefined && earliestUntil !== undefined && isBefore(referUntil, earliestUntil)
      ? unmet(
          'refer_until_too_early',
          `the complainant may turn to the body until ${latest(earliestUntil)}; give that time or a later one`,
          '/referUntil',
        )
      : undefined,
    missingLeaflets.length > 0
      ? unmet('leaflet_missing', `these leaflets go with the letter: ${missingLeaflets.join(', ')}`, '/leaflets')
      : undefined,
    asked.languages.length > 0 && (language === undefined || !asked.languages.includes(language))
      ? unmet('language_not_asked', `the letter must be in one of: ${asked.languages.join(', ')}`, '/language')
      : undefined,
  ].flatMap((problem) => problem ?? []);
  return { content: { ...content, referUntil: referUntil ?? earliestUntil }, problems };
}

const bodiesText = (bodies: readonly string[]): string =>
  bodies.length === 0 ? 'where the complainant may turn' : `that the complainant may turn to ${bodies.join(', ')}`;
