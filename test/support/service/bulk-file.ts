import { writeFileSync } from 'node:fs';

/**
 * Writes commands for the bulk address, five a complaint, as a day of many complaints looks: those of one are in order,
 * and others stand between them. Answers the number of lines.
 */
export function writeCommands(file: string, complaints: number): number {
  const lines: string[] = [];
  const OPEN_AT_ONCE = 50;
  for (let from = 0; from < complaints; from += OPEN_AT_ONCE)
    for (let step = 0; step < STEPS.length; step++)
      for (let number = from; number < Math.min(from + OPEN_AT_ONCE, complaints); number++)
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

function lineOf(step: number, name: string): string {
  const [command, data] = STEPS[step] ?? STEPS[0];
  const complaint = step === 0 ? {} : { complaint: `${name}-0` };
  const occurredAt = step === 0 ? { occurredAt: '2026-01-05T09:00:00+08:00' } : {};
  return JSON.stringify({ command, key: `${name}-${String(step)}`, ...complaint, ...occurredAt, data });
}
