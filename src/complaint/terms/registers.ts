import { comparableText } from '../../platform/text.js';

/** The responses of the public registers that list them; other registers leave it to the sender what is final. */
const FINAL_RESPONSES: { readonly [register: string]: readonly string[] } = {
  cfpb: [
    'closed',
    'closed with explanation',
    'closed with monetary relief',
    'closed with non-monetary relief',
    'closed with relief',
    'closed without relief',
    'untimely response',
  ],
};

/**
 * Whether a response is final by the list of the register; one that the list lacks is taken as not final. Undefined if
 * the register has no list.
 */
export function isFinalInRegister(register: string, response: string): boolean | undefined {
  const name = comparableText(register).toLowerCase();
  if (!Object.hasOwn(FINAL_RESPONSES, name)) return undefined; // a register may be named like a member of Object
  return FINAL_RESPONSES[name]?.includes(comparableText(response).toLowerCase());
}

/** True if the response is in the list of the register, final or not. */
export const isListedResponse = (register: string, response: string): boolean =>
  isFinalInRegister(register, response) === true || comparableText(response).toLowerCase() === 'in progress';
