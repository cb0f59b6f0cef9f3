import { isNativeError } from 'node:util/types';
import { MongoServerError } from 'mongodb';
import {
  diagnoseConnection,
  invalidAddress,
  noAnswer,
  unreadableFile,
  type Diagnosis,
} from '../../platform/server-unusable.js';
import { ReadModelsUnavailable } from '../read-models.js';

/** Error codes for a wrong user or password: AuthenticationFailed and AtlasError. */
const UNAUTHENTICATED = new Set<unknown>([18, 8000]);
const UNAUTHORIZED = 13;

/**
 * Names of the error classes for an invalid address. They are compared by name, because the driver and its parser of
 * connection strings have different classes with the same name.
 */
const ADDRESS_ERROR_NAMES = new Set([
  'MongoParseError',
  'MongoRuntimeError',
  'MongoAPIError',
  'MongoInvalidArgumentError',
]);

/** Why the server cannot be used, and what to do; undefined if the error does not come from the connection to it. */
export function diagnoseMongo(error: unknown): Diagnosis | undefined {
  if (!isNativeError(error)) return undefined;
  const cause = error instanceof ReadModelsUnavailable ? error.cause : error;
  if (cause instanceof MongoServerError) {
    if (UNAUTHENTICATED.has(cause.code))
      return {
        what: 'it does not accept the user and the password',
        advice: 'correct both, and authSource if it is needed, in the address',
        mayComeUp: false,
      };
    if (cause.code === UNAUTHORIZED)
      return {
        what: 'it denies access to the user',
        advice: 'grant the user the role readWrite on the database',
        mayComeUp: false,
      };
  }
  if (error instanceof ReadModelsUnavailable) {
    const message = messageOf(cause);
    return diagnoseConnection(message) ?? noAnswer(message, 'check that the server runs and has a primary');
  }
  if (ADDRESS_ERROR_NAMES.has(error.name)) return invalidAddress(error.message);
  if ('path' in error) return invalidAddress(unreadableFile(error.message));
  if ('syscall' in error) return diagnoseConnection(error.message) ?? invalidAddress(error.message);
  return undefined;
}

/** Of an error with a code only the name of the code, because the message of the server may quote a document. */
function messageOf(cause: unknown): string {
  if (cause instanceof MongoServerError && cause.code !== undefined)
    return cause.codeName ?? `error code ${String(cause.code)}`;
  return cause instanceof Error ? cause.message : '';
}
