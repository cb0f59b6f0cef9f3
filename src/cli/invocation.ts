import type { Command } from 'commander';
import { loadConfiguration, type Configuration } from '../platform/configuration.js';
import { errorText } from '../platform/log.js';

/** Loads the configuration from the environment. The option `--data` overrides REDRESS_DATA. */
export function configurationOf(command: Command): Configuration {
  const { data } = command.optsWithGlobals<{ data?: string }>();
  return loadConfiguration({ ...process.env, ...(data !== undefined && { REDRESS_DATA: data }) });
}

/** An error that the user can correct. `main` prints only its message, without a stack, and sets the exit code to 1. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const printJson = (value: unknown): void => {
  print(JSON.stringify(value, undefined, 2));
};

/** Prints to standard error, so that another program can read the answer from standard output. */
export const printNotice = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Names of the errors whose message tells the user enough; they are printed without a stack. */
const USER_ERROR_NAMES = new Set([
  'AppendAmbiguous',
  'BackupRefused',
  'OperationInProgress',
  'ConfigurationInvalid',
  'CursorInvalid',
  'DatabaseCorrupt',
  'DatabaseUnopened',
  'IndexKeyInvalid',
  'KeysInvalid',
  'KeysMissing',
  'MissingIndexKey',
  'NotBuilt',
  'NotSearchable',
  'NotYetVisible',
  'ProjectionHalted',
  'QueryTooBroad',
  'QueryTooSlow',
  'ReadModelsUnavailable',
  'RevisionMissing',
  'ServerUnusable',
  'SpanReversed',
  'StoreFormatUnknown',
  'StoreMissing',
  'StoreOwned',
  'StoreUnavailable',
  'TrendsRefused',
  'UnknownGroup',
  'UnknownLayout',
  'UnknownProjection',
  'UnknownValues',
  'UserError',
]);

/** System errors that are printed without a stack. */
const USER_ERROR_CODES = new Set<unknown>([
  'EACCES',
  'EADDRNOTAVAIL',
  'EDQUOT',
  'EEXIST',
  'EISDIR',
  'ELOOP',
  'EMFILE',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'ENOTFOUND',
  'EPERM',
  'EROFS',
]);

/** The text to print for an error: its message, with the stack only if that was asked for by REDRESS_LOG=debug. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error) || ['debug', 'trace'].includes(process.env.REDRESS_LOG ?? '')) return errorText(error);
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `${error.message}; stop the program that uses it, or set REDRESS_PORT to another port`;
  return USER_ERROR_NAMES.has(error.name) || USER_ERROR_CODES.has(code)
    ? error.message
    : `an unexpected error: ${error.name}: ${error.message} (REDRESS_LOG=debug shows where)`;
}
