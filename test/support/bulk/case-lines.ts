import { commandIdOf } from '../../../src/command/command-id.js';
import { complaintIdOf } from '../../../src/complaint/identity.js';
import { referenceOf } from '../../../src/complaint/reference.js';
import type { Chance } from '../service/chance.js';

/** Number of commands per complaint. */
export const STEPS = 5;

/** Maximum number of complaints whose commands are interleaved. */
const MAX_OPEN = 60;

/**
 * Yields lines with the bulk commands of this number of complaints, without line feeds. The commands of one complaint
 * are in order; the commands of different complaints are interleaved.
 * @param credential name of the API key with which the lines will be sent: some lines name their complaint by its id or
 * reference, and both are derived from this name
 */
export function* caseLines(complaints: number, chance: Chance, credential = 'upstream'): Generator<string> {
  /** Complaints that are not complete, with the number of their next command. */
  const open: { readonly number: number; step: number }[] = [];
  let started = 0;
  while (started < complaints || open.length > 0) {
    while (open.length < MAX_OPEN && started < complaints) open.push({ number: started++, step: 0 });
    const index = chance.between(0, open.length - 1);
    const complaint = open[index];
    if (complaint === undefined) continue;
    yield lineOf(complaint.number, complaint.step++, chance, credential);
    if (complaint.step === STEPS) open.splice(index, 1);
  }
}

function lineOf(number: number, step: number, chance: Chance, credential: string): string {
  const lodgingKey = `case-${String(number)}`;
  const sources = number % 3 === 0 ? [{ system: 'crm', ref: `T-${String(number)}` }] : undefined;
  const day = `2026-0${String(1 + (number % 9))}-1${String(number % 10)}`;
  if (step === 0)
    return JSON.stringify({
      command: 'LodgeComplaint',
      key: lodgingKey,
      data: {
        channel: ['email', 'phone', 'website'][number % 3],
        narrative: `包裹没有到。The parcel of order ${String(number)} never came.`,
        receivedAt: `${day}T08:00:00+08:00`,
        parties: [{ role: 'complainant', name: `客户 ${String(number)}` }],
        points: [{ issue: 'Parcel never came', subject: { product: `Line ${String(number % 7)}` } }],
        ...(sources && { sources }),
      },
    });
  const id = complaintIdOf({ ...(sources && { sources }) }, commandIdOf(credential, lodgingKey));
  const complaint = chance.oneOf([
    lodgingKey, // in two of five lines
    lodgingKey,
    id,
    referenceOf(id),
    referenceOf(id).toLowerCase().replace(/-/g, ''),
  ]);
  const occurredAt = `${day}T09:${String(10 * step)}:00+08:00`;
  const [command, data] = COMMANDS_AFTER_LODGING[step - 1] ?? COMMANDS_AFTER_LODGING[0];
  return JSON.stringify({ command, key: `${lodgingKey}/${String(step)}`, complaint, occurredAt, data });
}

const COMMANDS_AFTER_LODGING = [
  ['AcknowledgeComplaint', { channel: 'phone', to: 'a1' }],
  ['ClassifyComplaint', { nature: 'complaint', points: [{ id: 'p1', category: 'delivery' }] }],
  ['AssessSeverity', { severity: 'moderate', impactScope: 'single' }],
  ['AddNote', { text: '问了快递公司。' }],
] as const;

/** Yields each line and a copy of it, in random order. About one percent of the copies are damaged: `valid` is false. */
export function* withCopies(
  lines: Iterable<string>,
  chance: Chance,
): Generator<{ readonly bytes: Buffer; readonly valid: boolean }> {
  for (const line of lines) {
    const valid = { bytes: Buffer.from(line), valid: true };
    const copy = chance.percent(1) ? { bytes: damageLine(line, chance), valid: false } : valid;
    yield* chance.percent(50) ? [valid, copy] : [copy, valid];
  }
}

/** A change of the line that makes parsing or validation fail; the result has no line feed. */
function damageLine(line: string, chance: Chance): Buffer {
  const bytes = Buffer.from(line);
  // a byte in the middle: the line can be truncated there, or bytes that are not UTF-8 inserted
  const cut = chance.between(1, bytes.length - 1);
  const value = JSON.parse(line) as { readonly data: object };
  const changed = (change: object): Buffer => Buffer.from(JSON.stringify({ ...value, ...change }));
  return chance.oneOf([
    () => bytes.subarray(0, cut),
    () => Buffer.concat([bytes.subarray(0, cut), Buffer.from([0xff, 0xfe]), bytes.subarray(cut)]),
    () => Buffer.concat([bytes, bytes]),
    () => changed({ command: 'LodgeComplain' }),
    () => changed({ key: '' }),
    () => changed({ key: 7 }),
    () => changed({ data: null }),
    () => changed({ data: { ...value.data, channel: 'pigeon', narrative: 7, note: 1 } }),
    () => changed({ data: { ...value.data, sources: [{ system: 'crm' }], text: null } }),
    () => changed({ occurredAt: 'yesterday' }),
    () => Buffer.from(line.replace('{', '{"__proto__":{},')),
    () => Buffer.from(line.replace('{', '{"surprise":1,')),
  ])();
}
