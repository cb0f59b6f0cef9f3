import type { Command } from 'commander';
import { loadConfiguration, type Configuration } from '../platform/configuration.js';

/** The environment, with `--data` of the command line before it. */
export function configurationOf(command: Command): Configuration {
  const { data } = command.optsWithGlobals<{ data?: string }>();
  return loadConfiguration({ ...process.env, ...(data !== undefined && { REDRESS_DATA: data }) });
}

/** What a person asked for cannot be had; the message is for them, and the exit code is 1. */
export class UserError extends Error {
  override readonly name = 'Complained';
}

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const printJson = (value: unknown): void => {
  print(JSON.stringify(value, undefined, 2));
};

/** Remarks beside the answer; standard output stays clean for other programs. */
export const printNotice = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Errors whose message is all that a person needs. */
const EXPLAINED = new Set([
  'BuildUnderWay',
  'Complained',
  'ConfigurationInvalid',
  'DatabaseCorrupt',
  'DatabaseUnopened',
  'EngineUnknown',
  'KeysInvalid',
  'NotBuilt',
  'NotYetVisible',
  'ProjectionHalted',
  'StoreFormatUnknown',
  'StoreOwned',
  'TrendsRefused',
  'UnknownLayout',
  'UnknownProjection',
]);

const EXPLAINED_CODES = new Set<unknown>(['ENOENT', 'EACCES', 'EISDIR', 'EADDRINUSE', 'ENOSPC']);

/** One line for what a person can mend, the stack for what they cannot. */
export function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  if (EXPLAINED.has(error.name) || EXPLAINED_CODES.has(code)) return error.message;
  return error.stack ?? error.message;
}
