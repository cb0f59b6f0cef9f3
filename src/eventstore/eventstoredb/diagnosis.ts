import { diagnoseConnection, invalidAddress, noAnswer, type Diagnosis } from '../../platform/server-unusable.js';
import { AppendAmbiguous, StoreUnavailable } from '../event-store.js';
import { ConnectionStringInvalid } from './connection.js';
import { failureOf } from './failures.js';

const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

/** Why the server cannot be used, and what to do; undefined if the error does not come from the connection to it. */
export function diagnoseEventStoreDb(error: unknown): Diagnosis | undefined {
  if (error instanceof ConnectionStringInvalid) return invalidAddress(error.reason);
  if (!(error instanceof StoreUnavailable || error instanceof AppendAmbiguous)) return undefined;
  const { type, code, message } = failureOf(error.cause ?? error);
  if (code === UNAUTHENTICATED)
    return {
      what: 'it does not accept the user and the password',
      advice: 'correct both in the address; without TLS none are sent',
      mayComeUp: false,
    };
  if (code === PERMISSION_DENIED || type === 'access-denied')
    return {
      what: 'it denies access to the user',
      advice: 'grant the user the right to read $all and to read and append to all streams of Redress',
      mayComeUp: false,
    };
  if (message.includes('Failed to discover'))
    return {
      what: 'no node of the cluster answers',
      advice: 'start the cluster, or correct the address and its TLS options',
      mayComeUp: true,
    };
  return (
    diagnoseConnection(message) ??
    noAnswer(error.cause === undefined ? '' : message, 'check that the server runs and is ready')
  );
}
