import { commandIdOf, complaintIdOf } from '../../../src/complaint/identity.js';
import { referenceOf } from '../../../src/complaint/reference.js';
import type { Chance } from '../service/chance.js';

/** Commands per complaint. */
export const STEPS = 5;

/** Maximum number of complaints whose commands are interleaved. */
const MAX_OPEN = 60;

/**
 * Bulk command lines of one day, without line feeds: the commands of a complaint are in order, those of different
 * complaints are interleaved. Some lines name their complaint by its id or reference, which follow from `credential`.
 */
export function* caseLines(complaints: number, chance: Chance, credential = 'upstream'): Generator<string> {
  const open: { readonly number: number; step: number }[] = [];
  let started = 0;
  while (started < complaints || open.length > 0) {
    while (open.length < MAX_OPEN && started < complaints) open.push({ number: started++, step: 0 });
    const index = chance.between(0, open.length - 1);
    const one = open[index];
    if (one === undefined) continue;
    yield lineOf(one.number, one.step++, chance, credential);
    if (one.step === STEPS) open.splice(index, 1);
  }
}

function lineOf(number: number, step: number, chance: Chance, credential: string): string {
  const lodging = `case-${String(number)}`;
  const sources = number % 3 === 0 ? [{ system: 'crm', ref: `T-${String(number)}` }] : undefined;
  const day = `2026-0${String(1 + (number % 9))}-1${String(number % 10)}`;
  if (step === 0)
    return JSON.stringify({
      command: 'LodgeComplaint',
      key: lodging,
      data: {
        channel: ['email', 'phone', 'website'][number % 3],
        narrative: `包裹没有到。The parcel of order ${String(number)} never came.`,
        receivedAt: `${day}T08:00:00+08:00`,
        parties: [{ role: 'complainant', name: `客户 ${String(number)}` }],
        points: [{ issue: 'Parcel never came', subject: { product: `Line ${String(number % 7)}` } }],
        ...(sources && { sources }),
      },
    });
  const id = complaintIdOf({ ...(sources && { sources }) }, commandIdOf(credential, lodging));
  const complaint = chance.oneOf([
    lodging,
    lodging,
    id,
    referenceOf(id),
    referenceOf(id).toLowerCase().replace(/-/g, ''),
  ]);
  const occurredAt = `${day}T0${String(8 + Math.min(step, 1))}:${String(10 * step)}:00+08:00`;
  const [command, data] = FOLLOWING[step - 1] ?? FOLLOWING[0];
  return JSON.stringify({ command, key: `${lodging}/${String(step)}`, complaint, occurredAt, data });
}

const FOLLOWING = [
  ['AcknowledgeComplaint', { channel: 'phone', to: 'a1' }],
  ['ClassifyComplaint', { nature: 'complaint', points: [{ id: 'p1', category: 'delivery' }] }],
  ['AssessSeverity', { severity: 'moderate', impactScope: 'single' }],
  ['AddNote', { text: '问了快递公司。' }],
] as const;

/** Each line twice, in either order; one percent of the copies are damaged. */
export function* duplicated(
  lines: Iterable<string>,
  chance: Chance,
): Generator<{ readonly bytes: Buffer; readonly valid: boolean }> {
  for (const line of lines) {
    const valid = { bytes: Buffer.from(line), valid: true };
    const copy = chance.percent(1) ? { bytes: damaged(line, chance), valid: false } : valid;
    yield* chance.percent(50) ? [valid, copy] : [copy, valid];
  }
}

/** A line that fails parsing or validation, still without a line feed. */
function damaged(line: string, chance: Chance): Buffer {
  const bytes = Buffer.from(line);
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
