import type { JsonObject } from '../platform/json.js';

/*
 * What a letter must tell. Several policies may apply to one letter; then it must tell what each of them asks.
 */

export const RESPONSE_POLICY_STREAMS = 'response-policy-';

/** The kinds of letters: those of a final response, and the others. */
export const LETTER_KINDS = [
  'accept',
  'accept_in_part',
  'reject',
  'offer_without_acceptance',
  'answer',
  'inadmissible',
  'referral',
  'holding',
  'summary',
] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

export const RECOURSE_RULES = ['always', 'unless_accepted', 'never'] as const;

export interface LetterRule {
  /** Whether the letter tells how to take the complaint further. */
  readonly recourse: (typeof RECOURSE_RULES)[number];
  /** The bodies to which the complainant may turn. */
  readonly bodies: readonly string[];
  /** How long the complainant may turn to them, from the letter. */
  readonly referWithin?: Period;
  /** Codes of the leaflets that go with the letter. */
  readonly leaflets: readonly string[];
  /** Languages of the letter; empty if any will do. */
  readonly languages: readonly string[];
}

export const PERIOD_UNITS = ['day', 'month', 'year'] as const;

export interface Period {
  readonly amount: number;
  readonly unit: (typeof PERIOD_UNITS)[number];
}

/** One version of a policy. */
export interface ResponsePolicy {
  readonly id: string;
  readonly version: number;
  /** UTC RFC 3339: the version governs letters from this time on. */
  readonly effectiveFrom: string;
  readonly effectiveTo?: string;
  /** A filter of the read models over {@link LetterFacts}; `{}` applies to every complaint. */
  readonly appliesIf: JsonObject;
  readonly letters: Readonly<Partial<Record<LetterKind, LetterRule>>>;
  readonly legalBasis?: string;
}

/** What a policy may ask of a complaint. */
export interface LetterFacts {
  readonly nature: string;
  readonly channel: string | null;
  readonly language: string | null;
  readonly severity: string | null;
  readonly region: readonly string[];
  readonly product: readonly string[];
  readonly category: readonly string[];
  readonly respondent: readonly string[];
  readonly orgUnit: readonly string[];
  readonly source: readonly string[];
  /**
   * Every point is upheld, resolved without finding or answered, and no offer waits or was rejected: there is nothing
   * about which the complainant could turn to anybody.
   */
  readonly accepted: boolean;
}

export interface LetterRequirement {
  /** A policy has a rule for letters of this kind. A summary is sent only if one does. */
  readonly asked: boolean;
  readonly recourse: 'required' | 'not_required';
  readonly bodies: readonly string[];
  /** The longest of the periods that the policies give. */
  readonly referWithin?: Period;
  readonly leaflets: readonly string[];
  readonly languages: readonly string[];
  /** The versions that asked, by their streams. */
  readonly policyRefs: readonly { readonly id: string; readonly version: number }[];
}

const letter = (recourse: LetterRule['recourse'], rest: Partial<LetterRule> = {}): LetterRule => ({
  recourse,
  bodies: [],
  leaflets: [],
  languages: [],
  ...rest,
});

const BEGINNING = '1970-01-01T00:00:00.000Z';

/** The policy of a house without a regulator. */
export const HOUSE_RESPONSE_POLICY: ResponsePolicy = {
  id: 'house',
  version: 1,
  effectiveFrom: BEGINNING,
  appliesIf: {},
  letters: {
    accept: letter('unless_accepted'),
    accept_in_part: letter('unless_accepted'),
    reject: letter('unless_accepted'),
    offer_without_acceptance: letter('unless_accepted'),
    answer: letter('never'),
    inadmissible: letter('always'),
    referral: letter('never'),
    holding: letter('never'),
  },
};

const OMBUDSMAN = {
  bodies: ['Financial Ombudsman Service'],
  referWithin: { amount: 6, unit: 'month' },
  leaflets: ['fos-consumer-leaflet'],
} as const;

/** The policy of a firm under DISP 1.6 of the FCA handbook. It applies from the time when the firm publishes it. */
export const FCA_RESPONSE_POLICY: ResponsePolicy = {
  id: 'fca',
  version: 1,
  effectiveFrom: BEGINNING,
  appliesIf: {},
  letters: {
    accept: letter('always', OMBUDSMAN),
    accept_in_part: letter('always', OMBUDSMAN),
    reject: letter('always', OMBUDSMAN),
    offer_without_acceptance: letter('always', OMBUDSMAN),
    answer: letter('never'),
    inadmissible: letter('always', OMBUDSMAN),
    holding: letter('always', { bodies: OMBUDSMAN.bodies }),
    summary: letter('always', OMBUDSMAN),
  },
  legalBasis: 'FCA handbook, DISP 1.5.4R and 1.6.2R',
};

/**
 * What a letter of this kind must tell, if these policies apply to the complaint.
 * @param policies the versions in force that apply
 */
export function requirementOf(
  policies: readonly ResponsePolicy[],
  kind: LetterKind,
  { accepted }: Pick<LetterFacts, 'accepted'>,
): LetterRequirement {
  const asking = policies.flatMap(({ id, version, letters }) => {
    const rule = letters[kind];
    return rule === undefined ? [] : [{ ref: { id: `${RESPONSE_POLICY_STREAMS}${id}`, version }, rule }];
  });
  const tellingRecourse = asking
    .map(({ rule }) => rule)
    .filter(({ recourse }) => recourse === 'always' || (recourse === 'unless_accepted' && !accepted));
  const referWithin = tellingRecourse
    .flatMap((rule) => rule.referWithin ?? [])
    .reduce<Period | undefined>(
      (longest, period) => (longest && daysOf(longest) >= daysOf(period) ? longest : period),
      undefined,
    );
  return {
    asked: asking.length > 0,
    recourse: tellingRecourse.length > 0 ? 'required' : 'not_required',
    bodies: distinct(tellingRecourse.flatMap(({ bodies }) => bodies)),
    ...(referWithin !== undefined && { referWithin }),
    leaflets: distinct(tellingRecourse.flatMap(({ leaflets }) => leaflets)),
    languages: distinct(asking.flatMap(({ rule }) => rule.languages)),
    policyRefs: asking.map(({ ref }) => ref),
  };
}

/** About how long a period is; only to compare periods. */
const daysOf = ({ amount, unit }: Period): number => amount * { day: 1, month: 30.4, year: 365 }[unit];

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)];
