import * as events from '../../src/complaint/events.js';
import type { Party } from '../../src/complaint/terms/facts.js';
import { complainantWang } from './complaint-history.js';

/** Parties beside the complainant Wang (`a1`), each with a phone. */
const contacts = [{ channel: 'phone', address: '+86 10 5555 0111' }];
export const coComplainantLi: Party = { id: 'a2', role: 'co_complainant', name: '李娜', contacts, authority: 'none' };
export const lawyerZhao: Party = { id: 'a3', role: 'representative', name: '赵敏', contacts, authority: 'claimed' };
export const wangWithoutContact: Party = { id: 'a1', role: 'complainant', name: '王芳', authority: 'none' };
export const parties = [complainantWang, coComplainantLi, lawyerZhao];

export const authorityVerified = (more: Partial<ReturnType<typeof events.AuthorityVerified>['data']> = {}) =>
  events.AuthorityVerified({ party: 'a3', basis: 'Power of attorney', ...more });
export const authorityRejected = events.AuthorityRejected({ party: 'a3', reason: 'Unsigned' });
export const authorityAsked = events.InformationRequested({
  requestId: 'q1',
  from: 'a3',
  party: 'a3',
  about: 'authority',
  question: 'May we see your power of attorney?',
});
