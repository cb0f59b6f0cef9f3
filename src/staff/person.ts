import type { Role } from '../access/actor.js';
import { comparableText } from '../platform/text.js';

/** A person of the directory. The id is a pseudonym of the organisation, such as a staff number. */
export interface Person {
  readonly id: string;
  readonly name?: string;
  readonly units: readonly string[];
  readonly roles: readonly Role[];
  /** Such as `legal`, which lets a person review for legal questions. */
  readonly skills: readonly string[];
  readonly absences: readonly Absence[];
  /** How the directory came to know the person. */
  readonly source: StaffSource;
  /** UTC RFC 3339; absent while the person is on the staff. */
  readonly retiredAt?: string;
}

export interface Absence {
  /** UTC RFC 3339. */
  readonly from: string;
  readonly to: string;
}

export const STAFF_SOURCES = ['command', 'credential', 'import'] as const;
export type StaffSource = (typeof STAFF_SOURCES)[number];

/** The form in which ids of people and units are compared: without case and width (I6). */
export const idKey = (id: string): string => comparableText(id).normalize('NFKC').toLowerCase();

/** True if both ids mean the same person or unit. */
export const isSameId = (id: string, other: string): boolean => id === other || idKey(id) === idKey(other);

export const isAbsent = ({ absences }: Pick<Person, 'absences'>, at: string): boolean =>
  absences.some(({ from, to }) => from <= at && at < to);
