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
  'OperationInProgress',
  'ConfigurationInvalid',
  'ConnectionStringInvalid',
  'DatabaseCorrupt',
  'DatabaseUnopened',
  'KeysInvalid',
  'NotBuilt',
  'NotYetVisible',
  'ProjectionHalted',
  'QueryTooSlow',
  'ReadModelsUnavailable',
  'RevisionMissing',
  'ServerUnusable',
  'StoreFormatUnknown',
  'StoreMissing',
  'StoreOwned',
  'StoreUnavailable',
  'TrendsRefused',
  'UnknownGroup',
  'UnknownLayout',
  'UnknownProjection',
  'UserError',
]);

/** System errors that are printed without a stack. */
const USER_ERROR_CODES = new Set<unknown>(['ENOENT', 'EACCES', 'EISDIR', 'EADDRINUSE', 'ENOSPC']);

/** The text to print for an error: its message if the user can correct it, otherwise its stack. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return errorText(error);
  const code = 'code' in error ? error.code : undefined;
  return USER_ERROR_NAMES.has(error.name) || USER_ERROR_CODES.has(code) ? error.message : errorText(error);
}
