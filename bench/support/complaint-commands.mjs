import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { NARRATIVE } from './histories.mjs';

/** Data of the first command. With a `source`, the id of the complaint can be computed before the command is sent. */
export const lodging = (source) => ({
  channel: 'phone',
  narrative: NARRATIVE,
  ...(source !== undefined && { sources: [source] }),
  parties: [{ role: 'complainant', name: 'Wang Fang', contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }] }],
  points: [{ issue: 'Dish arrived cold', subject: { product: 'Set menu', region: 'Beijing' } }],
});

/** The nine commands after the lodging, in order: ten events. `path` is the last segment of the request URL. */
export const STEPS = [
  {
    command: 'ClassifyComplaint',
    path: 'classify',
    data: { nature: 'complaint', points: [{ id: 'p1', category: 'product_quality' }], suspectedCause: 'process_gap' },
  },
  {
    command: 'AssessSeverity',
    path: 'assess-severity',
    data: { severity: 'moderate', impactScope: 'single', safetyCritical: false, complexity: 'simple' },
  },
  { command: 'AssignComplaint', path: 'assign', data: { handler: 'handler-9', orgUnit: 'care' } },
  {
    command: 'VerifyIdentity',
    path: 'verify-identity',
    data: { party: 'a1', result: 'verified', method: 'call_back', level: 'basic' },
  },
  {
    command: 'VerifyContent',
    path: 'verify-content',
    data: { finding: 'substantiated', grounds: 'Kitchen log and photo agree: it waited 25 minutes.' },
  },
  {
    command: 'AssessMerits',
    path: 'assess-merits',
    data: { reasonable: 'yes', grounds: 'We promise hot food within 40 minutes.', cause: 'process_gap' },
  },
  {
    command: 'RecordContact',
    path: 'record-contact',
    data: { direction: 'outbound', channel: 'phone', party: 'a1', result: 'reached', substantive: true },
  },
  {
    command: 'MakeDetermination',
    path: 'make-determination',
    data: { points: [{ id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows the delay.' }] },
  },
  { command: 'AddNote', path: 'add-note', data: { text: 'Ask the kitchen for the rota of that day.' } },
];

/**
 * Lines of POST /v1/commands for complaints with `each` commands (1 to 10). The commands of `open` complaints are
 * interleaved.
 */
export function* commandLines(total, { each = 5, open = 1, name = 'bench' } = {}) {
  const block = open * each;
  for (let line = 0; line < total; line++) {
    const within = line % block;
    const complaint = Math.floor(line / block) * open + (within % open);
    const step = Math.floor(within / open);
    const id = `${name}-${String(complaint)}`;
    const { command, data } = step === 0 ? { command: 'LodgeComplaint', data: lodging() } : STEPS[step - 1];
    const value = { command, key: `${id}-${String(step)}`, ...(step > 0 && { complaint: `${id}-0` }), data };
    yield `${JSON.stringify(value)}\n`;
  }
}

/** Writes {@link commandLines} to a file. */
export async function writeCommands(path, total, shape) {
  const file = createWriteStream(path);
  for (const line of commandLines(total, shape)) if (!file.write(line)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
}
