import type { Body, Case } from './case.js';

/* Bodies and routine steps that many stories share. */

/** A complainant with one contact. */
export const complainant = (name: string, channel: string, address: string): Body => ({
  role: 'complainant',
  name,
  contacts: [{ channel, address }],
});
export const WANG_FANG = complainant('王芳', 'phone', '+86 10 5555 0100');
export const JANE_DOYLE = complainant('Jane Doyle', 'email', 'jane.doyle@example.com');

export const RECOURSE = 'Consumer association, 12315';

export const money = (amount: number, currency = 'CNY'): Body => ({ amount, currency });

/** The handler takes the case, checks the identity of these parties, and establishes content and merits. */
export function investigate(file: Case, finding: 'substantiated' | 'unsubstantiated', parties = ['a1']): Case {
  file.do('assign', { handler: 'handler-1' });
  for (const party of parties) file.do('verify-identity', { party, result: 'verified', method: 'call_back' });
  return establish(file, finding);
}

/** Establishes content and merits. */
export const establish = (file: Case, finding: 'substantiated' | 'unsubstantiated'): Case =>
  file
    .do('verify-content', { finding, grounds: 'Log of the shift' })
    .do('assess-merits', { reasonable: finding === 'substantiated' ? 'yes' : 'no', grounds: 'House rules' });

/** A decision on the points p1, p2, … in this order. */
export const decision = (...outcomes: readonly string[]): Body => ({
  points: outcomes.map((outcome, index) => ({ id: `p${index + 1}`, outcome, reasons: 'The log shows it.' })),
  ...(outcomes.some((outcome) => outcome === 'not_upheld' || outcome === 'partly_upheld') && { recourse: RECOURSE }),
});

/** A final response of this kind; with a recourse where the kind is not `accept`. */
export const response = (kind: string, channel = 'phone', fields: Body = {}): Body => ({
  kind,
  addressees: ['a1'],
  channel,
  text: 'We have looked into it, and this is what we found.',
  ...(kind !== 'accept' && kind !== 'answer' && { recourse: RECOURSE }),
  ...fields,
});

/** A measure for the point p1 that handler-1 carries out within five days. */
export const measure = (file: Case, type: string, fields: Body = {}): Body => ({
  type,
  pointIds: ['p1'],
  action: 'As agreed',
  owner: 'handler-1',
  provider: 'self',
  dueAt: file.in('5d'),
  ...fields,
});

/** A measure for the point p1 that an external body orders. */
export const order = (type: string, amount: Body): Body => ({
  type,
  pointIds: ['p1'],
  action: 'As ordered',
  owner: 'handler-1',
  provider: 'self',
  amount,
});

/** An offer with one measure that the complainant must accept. */
export const offer = (file: Case, type: string, fields: Body = {}, measureFields: Body = {}): Body => ({
  needsAcceptance: true,
  measures: [measure(file, type, measureFields)],
  ...fields,
});

export const delivered = (of: string, channel: string, to = 'a1'): Body => ({ of, result: 'delivered', channel, to });
export const failed = (of: string, channel: string, to = 'a1'): Body => ({
  of,
  result: 'failed',
  channel,
  to,
  reason: 'Not in use',
});
