import type { Role } from '../../../src/access/actor.js';
import type { JsonObject } from '../../../src/platform/json.js';
import type { Chance } from './chance.js';

/** A command on a complaint, and the role that sends it. */
export interface Step {
  readonly by: Role;
  /** Last part of the path, e.g. `add-note`. */
  readonly command: string;
  readonly body: JsonObject;
}

const step = (by: Role, command: string, body: JsonObject = {}): Step => ({ by, command, body });

/** The commands of a typical complaint, in order. The service rejects a command that another sender has already sent. */
export const TYPICAL_STEPS: readonly Step[] = [
  step('intake_officer', 'acknowledge', { channel: 'phone', to: 'a1' }),
  step('intake_officer', 'classify', { nature: 'complaint', points: [{ id: 'p1', category: 'delivery' }] }),
  step('intake_officer', 'assess-severity', { severity: 'moderate', impactScope: 'single' }),
  step('intake_officer', 'assign', { handler: 'handler-1', orgUnit: 'care' }),
  step('handler', 'accept-assignment'),
  step('handler', 'verify-identity', { party: 'a1', result: 'verified', method: 'call_back' }),
  step('handler', 'verify-content', { finding: 'substantiated', grounds: 'The log of the kitchen says so.' }),
  step('handler', 'assess-merits', { reasonable: 'yes', grounds: 'It waited for 25 minutes.' }),
  step('handler', 'make-determination', { points: [{ id: 'p1', outcome: 'upheld', reasons: 'It was cold.' }] }),
  step('handler', 'record-contact', {
    direction: 'outbound',
    channel: 'phone',
    party: 'a1',
    result: 'reached',
    content: '菜凉了，我们道歉。',
  }),
];

/** The name of a command that is allowed at any time. */
export const ADD_NOTE = 'add-note';
export const note = (text: string): Step => step('handler', ADD_NOTE, { text });

const complainant = {
  role: 'complainant',
  name: '王芳',
  contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }],
};
const basicLodging = { channel: 'phone', parties: [complainant], points: [{ issue: 'Dish arrived cold' }] };

/**
 * The body of a random lodging. A quarter of them name a case of the CRM as their source; different senders may name the
 * same case.
 * @param cases number of different cases in the CRM
 */
export function lodging(chance: Chance, cases: number): JsonObject {
  const caseNumber = chance.between(1, cases);
  if (chance.percent(25))
    return {
      ...basicLodging,
      narrative: 'From the CRM',
      sources: [{ system: 'crm', ref: `T-${String(caseNumber)}` }],
    };
  if (chance.percent(30))
    return {
      ...basicLodging,
      narrative: '等了四十分钟。'.repeat(chance.between(1, 200)),
      classification: { nature: 'complaint', points: [{ id: 'p1', category: 'delivery' }] },
      severity: { severity: 'major', impactScope: 'single' },
      assignment: { handler: 'handler-1', orgUnit: 'care' },
    };
  return { ...basicLodging, narrative: 'Dish arrived cold' };
}
