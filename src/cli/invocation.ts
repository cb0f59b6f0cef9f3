import type { Command } from 'commander';
import { loadConfiguration, type Configuration } from '../platform/configuration.js';
import { errorText } from '../platform/log.js';
import { HOW_TO_BUILD } from '../readmodels/active-model.js';

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
  'ReadModelsMissing',
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

/** What a system error about a file or folder says to a person. */
const SYSTEM_ERRORS: { readonly [code: string]: (path: string) => string } = {
  EACCES: (path) => `this user may not use ${path}; change its owner or its mode`,
  EEXIST: (path) => `${path} exists already`,
  EISDIR: (path) => `${path} is a folder; name a file`,
  ENOENT: (path) => `there is no file or folder ${path}; correct the path`,
  ENOTDIR: (path) => `${path} does not exist: a part of the path is a file, not a folder`,
};

/**
 * The message of an error; for a system error about a path, in words for people.
 * @param file the path, if the error may lack it
 */
export function reasonText(error: Error, file?: string): string {
  const { code, path = file } = error as NodeJS.ErrnoException;
  const text = code === undefined ? undefined : SYSTEM_ERRORS[code];
  return text === undefined || path === undefined ? error.message : text(path);
}

/** The text to print for an error: its message, with the stack only if that was asked for by REDRESS_LOG=debug. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error) || ['debug', 'trace'].includes(process.env.REDRESS_LOG ?? '')) return errorText(error);
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `${error.message}; stop the program that uses it, or set REDRESS_PORT to another port`;
  if (error.name === 'NotBuilt') return `${error.message}; ${HOW_TO_BUILD}`;
  return USER_ERROR_NAMES.has(error.name) || USER_ERROR_CODES.has(code)
    ? reasonText(error)
    : `an unexpected error: ${error.name}: ${error.message} (REDRESS_LOG=debug shows where)`;
}
