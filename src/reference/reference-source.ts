import type { Person } from '../staff/person.js';
import type { Unit } from '../unit/org-unit.js';
import type { ReferenceData } from './reference-data.js';

/** Gives the people, units and rules of the installation, as far as this process knows them. */
export interface ReferenceSource {
  /** What is in force at a time (UTC RFC 3339). */
  at(time: string): ReferenceData;
  /** What is in force now. */
  current(): ReferenceData;
  /**
   * Reads the ends of these streams again. Returns true if one of them had an event that this process did not know.
   * @throws StoreUnavailable
   */
  refresh(streams: Iterable<string>): Promise<boolean>;
}

/** All that the directory holds, for lists. */
export interface Directory {
  people(): Person[];
  units(): Unit[];
}

/** A source that always gives the same data. */
export const fixedReference = (data: ReferenceData): ReferenceSource => ({
  at: () => data,
  current: () => data,
  refresh: () => Promise.resolve(false),
});

/** Injection token of {@link ReferenceSource}. */
export const REFERENCE = Symbol('ReferenceSource');
