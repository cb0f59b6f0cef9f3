import { StoreUnavailable } from '../eventstore/event-store.js';
import { QueryTooSlow, ReadModelsUnavailable } from '../readmodels/read-models.js';
import { ProjectionHalted } from './failures.js';
import { OperationInProgress, UnknownProjection } from './operations.js';

/** An error in the form that one thread sends to another. `structuredClone` alone drops the class and the fields. */
export interface ThreadError {
  readonly name: string;
  readonly message: string;
  /** The arguments for the constructor of the class; absent for a class that is not in {@link KNOWN_CLASSES}. */
  readonly constructorArguments?: readonly unknown[];
}

interface KnownClass {
  readonly name: string;
  /** The constructor arguments of an error of this class; undefined for an error of another class. */
  readonly argumentsOf: (error: Error) => readonly unknown[] | undefined;
  readonly create: (constructorArguments: readonly unknown[]) => Error;
}

const knownClass = <E extends Error, P extends unknown[] | []>(
  Class: new (...parameters: P) => E,
  argumentsOf: (error: E) => P,
): KnownClass => ({
  name: Class.name,
  argumentsOf: (error) => (error instanceof Class ? argumentsOf(error) : undefined),
  create: (constructorArguments) => new Class(...(constructorArguments as P)),
});

/** The classes that the receiving thread distinguishes. */
const KNOWN_CLASSES: readonly KnownClass[] = [
  knownClass(UnknownProjection, ({ projection }) => [projection]),
  knownClass(OperationInProgress, ({ projection }) => [projection]),
  knownClass(ProjectionHalted, ({ halt }) => [halt]),
  knownClass(QueryTooSlow, ({ limit }) => [limit]),
  knownClass(ReadModelsUnavailable, ({ where, since }) => [where, since]),
  knownClass(StoreUnavailable, ({ message }) => [message]),
];

/** Converts an error to a message for another thread. */
export function threadError(error: unknown): ThreadError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message } = error;
  for (const { argumentsOf } of KNOWN_CLASSES) {
    const constructorArguments = argumentsOf(error);
    if (constructorArguments !== undefined) return { name, message, constructorArguments };
  }
  return { name, message };
}

/** The inverse of {@link threadError}. An error of another class becomes an Error with the same name and message. */
export function errorFrom({ name, message, constructorArguments }: ThreadError): Error {
  const known =
    constructorArguments && KNOWN_CLASSES.find((candidate) => candidate.name === name)?.create(constructorArguments);
  return known ?? Object.assign(new Error(message), { name });
}
