import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { BuildReport } from '../../../src/projection/operations.js';
import type { Verification } from '../../../src/audit/verify.js';
import { waitForEnd, launch, type End, type ProcessOptions } from './service-process.js';

const program = join(__dirname, 'run-redress.mjs');

/** Starts the compiled `redress` command on a data folder. */
export const beginRedress = (folder: string, args: readonly string[], options: ProcessOptions = {}): ChildProcess =>
  launch(folder, options, [program, ...args]);

/** Runs the compiled `redress` command on a data folder, and waits until it ends. */
export const redress = (folder: string, args: readonly string[], options: ProcessOptions = {}): Promise<End> =>
  waitForEnd(beginRedress(folder, args, options));

/** Runs the command like {@link redress}, with this text as its standard input. */
export function redressWithInput(folder: string, args: readonly string[], input: string): Promise<End> {
  const child = beginRedress(folder, args, { takesInput: true });
  child.stdin?.end(input);
  return waitForEnd(child);
}

/** The result of `redress verify`. @throws Error if it prints no JSON */
export async function runVerify(folder: string): Promise<Verification> {
  return resultOf(await redress(folder, ['verify', '--json'])) as Verification;
}

/** The report of `redress projections compare`. @throws Error if it prints no JSON */
export async function runCompare(folder: string, name: string): Promise<BuildReport> {
  return resultOf(await redress(folder, ['projections', 'compare', name, '--json'])) as BuildReport;
}

function resultOf({ output, stdout, code, signal }: End): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`the command ended with ${String(code ?? signal)} and printed no JSON:\n${output}`);
  }
}
