import { writeFileSync } from 'node:fs';

/** Number of complaints whose commands are interleaved. */
const GROUP_SIZE = 50;

/**
 * Writes a file of bulk command lines, five per complaint. The commands of one complaint are in order; those of different
 * complaints are interleaved. Returns the number of lines.
 */
export function writeCommands(file: string, complaints: number): number {
  const lines: string[] = [];
  for (let first = 0; first < complaints; first += GROUP_SIZE)
    for (let step = 0; step < STEPS.length; step++)
      for (let number = first; number < Math.min(first + GROUP_SIZE, complaints); number++)
        lines.push(lineOf(step, `case-${String(number)}`));
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return lines.length;
}

const STEPS = [
  ['LodgeComplaint', { channel: 'email', narrative: '包裹没有到。', points: [{ issue: 'Parcel never came' }] }],
  ['ClassifyComplaint', { nature: 'complaint', points: [{ id: 'p1', category: 'delivery' }] }],
  ['AssessSeverity', { severity: 'moderate', impactScope: 'single' }],
  ['AssignComplaint', { handler: 'handler-1', orgUnit: 'care' }],
  ['AddNote', { text: 'Asked the carrier.' }],
] as const;

/** @param name of the complaint: the keys of its commands begin with it */
function lineOf(step: number, name: string): string {
  const [command, data] = STEPS[step] ?? STEPS[0];
  const complaint = step === 0 ? {} : { complaint: `${name}-0` }; // the key of its lodging
  const occurredAt = step === 0 ? { occurredAt: '2026-01-05T09:00:00+08:00' } : {};
  return JSON.stringify({ command, key: `${name}-${String(step)}`, ...complaint, ...occurredAt, data });
}
