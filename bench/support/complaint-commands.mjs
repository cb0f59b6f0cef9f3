import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { NARRATIVE } from './histories.mjs';

/** Data of `LodgeComplaint`. With a `source`, the id of the complaint can be computed before the command is sent. */
export const lodging = (source) => ({
  channel: 'phone',
  narrative: NARRATIVE,
  ...(source !== undefined && { sources: [source] }),
  parties: [{ role: 'complainant', name: 'Wang Fang', contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }] }],
  points: [{ issue: 'Dish arrived cold', subject: { product: 'Set menu', region: 'Beijing' } }],
});

/**
 * The nine commands that follow the lodging, in order. They record ten events, because the assignment also admits the
 * complaint. `path` is the last segment of the request URL.
 */
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
 * Yields `total` lines for POST /v1/commands: `each` commands (1 to 10) per complaint, with the commands of `open`
 * complaints interleaved. The idempotency keys begin with `name`.
 */
export function* commandLines(total, { each = 5, open = 1, name = 'bench' } = {}) {
  const blockLength = open * each; // a block has all commands of `open` complaints: first all lodgings, and so on
  for (let line = 0; line < total; line++) {
    const indexInBlock = line % blockLength;
    const complaint = Math.floor(line / blockLength) * open + (indexInBlock % open);
    const step = Math.floor(indexInBlock / open);
    const keyPrefix = `${name}-${String(complaint)}`;
    const { command, data } = step === 0 ? { command: 'LodgeComplaint', data: lodging() } : STEPS[step - 1];
    // later commands name the complaint by the key of its lodging
    const complaintField = step > 0 && { complaint: `${keyPrefix}-0` };
    const value = { command, key: `${keyPrefix}-${String(step)}`, ...complaintField, data };
    yield `${JSON.stringify(value)}\n`;
  }
}

/** Writes {@link commandLines} with its `options` to a file. */
export async function writeCommands(path, total, options) {
  const file = createWriteStream(path);
  for (const line of commandLines(total, options)) if (!file.write(line)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
}
