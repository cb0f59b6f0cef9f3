import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLogSource, type VerifiedStores } from '../../../src/app/engines.js';
import type { EarlierResult } from '../../../src/audit/earlier-result.js';
import { verifyStore, type Verification } from '../../../src/audit/verify.js';
import { root } from '../doc-snippets.js';

/** Whether verification detects a kind of tampering, without and with an earlier result. */
export interface Detection {
  readonly alone: boolean;
  readonly against: boolean;
}

const WORDS: Readonly<Record<string, boolean>> = { detected: true, 'not detected': false };

/**
 * The table under a heading of docs/auditors.md: each kind of tampering with what verification detects.
 * @throws Error if a cell says neither `detected` nor `not detected`
 */
export function documentedDetection(heading: string): Map<string, Detection> {
  const page = readFileSync(join(root, 'docs', 'auditors.md'), 'utf8');
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  const [upToNextHeading = ''] = section.split('\n#');
  const rows = upToNextHeading.split('\n').filter((line) => line.startsWith('|'));
  return new Map(
    rows.slice(2).map((row) => {
      const [tampering = '', alone = '', against = ''] = row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [tampering, { alone: detected(alone), against: detected(against) }];
    }),
  );
}

function detected(cell: string): boolean {
  const isDetected = WORDS[cell];
  if (isDetected === undefined) throw new Error(`a cell says ${JSON.stringify(cell)}`);
  return isDetected;
}

/** Does the same as `redress verify`, in this process. */
export async function verifyStores(stores: VerifiedStores, against?: EarlierResult): Promise<Verification> {
  const source = await openLogSource(stores);
  try {
    for await (const step of verifyStore(source, { against })) if (step.kind === 'result') return step;
    throw new Error('verification ended without a result');
  } finally {
    source.close();
  }
}

/** Errors with which verification refuses a store: `redress verify` prints their message and ends with exit code 1. */
const REFUSALS = ['StoreMissing', 'StoreFormatUnknown', 'DatabaseCorrupt'];

/** What verification detects in the stores, without and with an earlier result. */
export async function detectionIn(stores: VerifiedStores, earlier: EarlierResult): Promise<Detection> {
  const detects = async (against?: EarlierResult): Promise<boolean> => {
    try {
      return !(await verifyStores(stores, against)).ok;
    } catch (error) {
      if (error instanceof Error && REFUSALS.includes(error.name)) return true;
      throw error;
    }
  };
  return { alone: await detects(), against: await detects(earlier) };
}
