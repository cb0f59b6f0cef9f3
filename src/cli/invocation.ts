import type { Command } from 'commander';
import { loadConfiguration, type Configuration } from '../platform/configuration.js';
import { errorText } from '../platform/log.js';

/** The configuration of the environment; `--data` of the command line overrides it. */
export function configurationOf(command: Command): Configuration {
  const { data } = command.optsWithGlobals<{ data?: string }>();
  return loadConfiguration({ ...process.env, ...(data !== undefined && { REDRESS_DATA: data }) });
}

/** An error for the user: its message is printed without a stack, and the exit code is 1. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const printJson = (value: unknown): void => {
  print(JSON.stringify(value, undefined, 2));
};

/** Prints a notice to standard error, so that standard output has only the answer for other programs. */
export const printNotice = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Errors whose message is enough without a stack. */
const USER_ERROR_NAMES = new Set([
  'AppendAmbiguous',
  'BuildUnderWay',
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

const USER_ERROR_CODES = new Set<unknown>(['ENOENT', 'EACCES', 'EISDIR', 'EADDRINUSE', 'ENOSPC']);

/** The message of an error that the user can correct; the stack of any other. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return errorText(error);
  const code = 'code' in error ? error.code : undefined;
  return USER_ERROR_NAMES.has(error.name) || USER_ERROR_CODES.has(code) ? error.message : errorText(error);
}
