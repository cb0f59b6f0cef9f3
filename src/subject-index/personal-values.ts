import type { ComplaintRecord } from '../complaint/complaint-record.js';
import type { DataOf } from '../complaint/complaint.js';
import type { Json, JsonObject } from '../platform/json.js';
import { looksLikePhone, mentionsPhone } from './normal-forms.js';

/** The kinds of values by which a complaint can be found, the most selective first. */
export const PERSONAL_KINDS = ['order', 'account', 'email', 'phone', 'name'] as const;
export type PersonalKind = (typeof PERSONAL_KINDS)[number];

/** A value of a person, as it was recorded or typed. */
export interface PersonalValue {
  readonly kind: PersonalKind;
  readonly text: string;
}

/** The kinds of a text at a path; `owner` is the object that has the text. */
type KindsOf = (text: string, owner: JsonObject) => readonly PersonalKind[];

const is =
  (kind: PersonalKind): KindsOf =>
  () => [kind];

/** Channels on which the address of a contact is never the name of an account. */
const WITHOUT_ACCOUNT: readonly string[] = [
  'phone',
  'ivr_bot',
  'sms',
  'fax',
  'email',
  'letter',
  'in_person',
  'front_desk',
  'sales_staff',
];
const PHONE_CHANNELS: readonly string[] = ['phone', 'ivr_bot', 'sms', 'fax'];

/** The channel of a contact is free text, and people log in with a phone number or an e-mail address. */
const contactKinds: KindsOf = (address, { channel }) => {
  const named = typeof channel === 'string' ? channel.toLowerCase() : '';
  return [
    ...(WITHOUT_ACCOUNT.includes(named) ? [] : (['account'] as const)),
    ...(/[@＠]/.test(address) ? (['email'] as const) : []),
    ...(PHONE_CHANNELS.includes(named) || looksLikePhone(address) || mentionsPhone(address)
      ? (['phone'] as const)
      : []),
  ];
};

/** The ids of questions whose answer is a searched value. */
export const QUESTION_KINDS: Readonly<Record<string, PersonalKind>> = {
  name: 'name',
  phone: 'phone',
  phone_number: 'phone',
  email: 'email',
  account: 'account',
  account_number: 'account',
  order: 'order',
  order_number: 'order',
};

const answerKinds: KindsOf = (_answer, { questionId }) => {
  const id = typeof questionId === 'string' ? questionId.toLowerCase() : '';
  const kind = Object.hasOwn(QUESTION_KINDS, id) ? QUESTION_KINDS[id] : undefined;
  return kind === undefined ? [] : [kind];
};

/** The personal fields of the events that are searched, by event type and path. */
export const SEARCHED: Readonly<Record<string, Readonly<Record<string, KindsOf>>>> = {
  ComplaintReceived: {
    'parties.*.name': is('name'),
    'parties.*.contacts.*.address': contactKinds,
    'points.*.subject.orderId': is('order'),
    channelAccount: is('account'),
    'answers.*.answer': answerKinds,
  },
  PartyAdded: {
    'party.name': is('name'),
    'party.contacts.*.address': contactKinds,
  },
  ContactDetailsAdded: { 'contacts.*.address': contactKinds },
  PointAdded: { 'point.subject.orderId': is('order') },
  PointSplit: { 'points.*.subject.orderId': is('order') },
};

/** The values in the searched fields of an event. A corrected value is searched like the value that it replaces. */
export function personalValues({ type, data }: Pick<ComplaintRecord, 'type' | 'data'>): PersonalValue[] {
  if (type === 'RecordCorrected') return correctedValues(data as DataOf<'RecordCorrected'>);
  return Object.entries(SEARCHED[type] ?? {}).flatMap(([path, kindsOf]) =>
    textsAt(data as unknown as JsonObject, path.split('.')).flatMap(({ text, owner }) =>
      kindsOf(text, owner).map((kind) => ({ kind, text })),
    ),
  );
}

function correctedValues({ target, field, newValue: { text } }: DataOf<'RecordCorrected'>): PersonalValue[] {
  const kindsOf = SEARCHED[target.type]?.[field.replaceAll(/\.\d+(?=\.|$)/g, '.*')];
  return text === undefined ? [] : (kindsOf?.(text, {}) ?? []).map((kind) => ({ kind, text }));
}

/** Whether events of this type have searched fields. */
export const hasPersonalValues = (type: string): boolean => SEARCHED[type] !== undefined || type === 'RecordCorrected';

interface FoundText {
  readonly text: string;
  readonly owner: JsonObject;
}

/** The texts at a path; `*` stands for every element of an array. */
function textsAt(value: Json | undefined, [name, ...rest]: readonly string[], owner: JsonObject = {}): FoundText[] {
  if (name === undefined) return typeof value === 'string' ? [{ text: value, owner }] : [];
  if (name === '*') return Array.isArray(value) ? value.flatMap((element: Json) => textsAt(element, rest, owner)) : [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const parent = value as JsonObject;
  return textsAt(parent[name], rest, parent);
}
