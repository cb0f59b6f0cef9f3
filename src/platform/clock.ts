/** The only source of the current time. Deciders get the time as an argument. */
export interface Clock {
  /** Now as UTC RFC 3339 with milliseconds. */
  now(): string;
}

export const CLOCK = Symbol('Clock');

export const systemClock: Clock = { now: () => new Date().toISOString() };
