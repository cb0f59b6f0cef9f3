import { defineEvent, type EventOf } from '../eventstore/envelope.js';
import type { ResponsePolicy } from './response-policy.js';

/** The id of the policy is that of its stream. */
export const ResponsePolicyPublished = defineEvent<Omit<ResponsePolicy, 'id'> & { readonly note?: string }>()(
  'ResponsePolicyPublished',
  {
    personal: ['note'],
    open: [
      'effectiveFrom',
      'effectiveTo',
      'legalBasis',
      'letters.*.bodies.*',
      'letters.*.leaflets.*',
      'letters.*.languages.*',
    ],
  },
);

export const responsePolicyEventTypes = [ResponsePolicyPublished] as const;
export type ResponsePolicyEvent = EventOf<(typeof responsePolicyEventTypes)[number]>;
