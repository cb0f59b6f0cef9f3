import { StoreUnavailable } from '../eventstore/event-store.js';
import { QueryTooSlow, ReadModelsUnavailable } from '../readmodels/read-models.js';
import { ProjectionHalted } from './failures.js';
import { BuildUnderWay, UnknownProjection } from './operations.js';

/** An error as a message: structured clone drops its class and its fields. */
export interface ThreadError {
  readonly name: string;
  readonly message: string;
  /** The fields from which a known class is rebuilt. */
  readonly parts?: readonly unknown[];
}

interface Kind {
  readonly name: string;
  /** undefined for an error of another class. */
  readonly partsOf: (error: Error) => readonly unknown[] | undefined;
  readonly madeOf: (parts: readonly unknown[]) => Error;
}

const kind = <E extends Error, P extends unknown[] | []>(
  Class: new (...parts: P) => E,
  partsOf: (error: E) => P,
): Kind => ({
  name: Class.name,
  partsOf: (error) => (error instanceof Class ? partsOf(error) : undefined),
  madeOf: (parts) => new Class(...(parts as P)),
});

/** The classes that the receiving thread distinguishes. */
const KINDS: readonly Kind[] = [
  kind(UnknownProjection, ({ projection }) => [projection]),
  kind(BuildUnderWay, ({ projection }) => [projection]),
  kind(ProjectionHalted, ({ halt }) => [halt]),
  kind(QueryTooSlow, ({ limit }) => [limit]),
  kind(ReadModelsUnavailable, ({ where, since }) => [where, since]),
  kind(StoreUnavailable, ({ message }) => [message]),
];

export function threadError(error: unknown): ThreadError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  for (const { partsOf } of KINDS) {
    const parts = error instanceof Error ? partsOf(error) : undefined;
    if (parts !== undefined) return { name, message, parts };
  }
  return { name, message };
}

export function errorFrom({ name, message, parts }: ThreadError): Error {
  const known = parts && KINDS.find((one) => one.name === name)?.madeOf(parts);
  return known ?? Object.assign(new Error(message), { name });
}
