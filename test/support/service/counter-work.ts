import type { Role } from '../../../src/access/actor.js';
import type { JsonObject } from '../../../src/platform/json.js';
import type { Chance } from './chance.js';

/** One step of a complaint's way: who asks for what. */
export interface Step {
  readonly by: Role;
  readonly command: string;
  readonly body: JsonObject;
}

const step = (by: Role, command: string, body: JsonObject = {}): Step => ({ by, command, body });

/** A complaint's usual way; what somebody else has done in the meantime is refused. */
export const USUAL_WAY: readonly Step[] = [
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

/** What anybody can do at any time. */
export const note = (text: string): Step => step('handler', 'add-note', { text });

const complainant = {
  role: 'complainant',
  name: '王芳',
  contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }],
};
const usual = { channel: 'phone', parties: [complainant], points: [{ issue: 'Dish arrived cold' }] };

/** A lodging; one in four names a case of another system, and several senders may know of the same one. */
export function lodging(chance: Chance, systems: number): JsonObject {
  const number = chance.between(1, systems);
  if (chance.percent(25))
    return { ...usual, narrative: 'From the CRM', sources: [{ system: 'crm', ref: `T-${String(number)}` }] };
  if (chance.percent(30))
    return {
      ...usual,
      narrative: '等了四十分钟。'.repeat(chance.between(1, 200)),
      classification: { nature: 'complaint', points: [{ id: 'p1', category: 'delivery' }] },
      severity: { severity: 'major', impactScope: 'single' },
      assignment: { handler: 'handler-1', orgUnit: 'care' },
    };
  return { ...usual, narrative: 'Dish arrived cold' };
}
