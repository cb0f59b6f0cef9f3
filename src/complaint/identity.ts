import { v5 } from 'uuid';
import type { Source } from './terms/facts.js';

/** Namespaces of the version 5 UUIDs. They must never change, because all recorded ids derive from them. */
const SPLIT_OFF_NAMESPACE = '0d6a2f37-91c4-5b5e-a3f8-7e41c09b2d65';
const COMPLAINT_NAMESPACE = 'b3a9d1e2-7c46-5f80-8e15-29d4c3a7f6b1';

/**
 * The complaint id, a lower-case UUID. It derives from system and reference of the first source, or from the command
 * id if there is no source, so that a repeated lodging goes to the same stream. Both are names in Unicode form NFC
 * without line ends, which validation ensures; the line feed between them therefore separates them.
 */
export const complaintIdOf = (
  lodging: { readonly sources?: readonly Pick<Source, 'system' | 'ref'>[] },
  commandId: string,
): string => {
  const first = lodging.sources?.[0];
  return v5(first === undefined ? commandId : `${first.system}\n${first.ref}`, COMPLAINT_NAMESPACE);
};

/** The id of the file that these points are split off into: the same whenever it is computed. */
export const splitOffIdOf = (complaintId: string, pointIds: readonly string[]): string =>
  v5(`${complaintId}\n${[...pointIds].sort().join('\n')}`, SPLIT_OFF_NAMESPACE);

/** True if the text has the form of a complaint id in lower case. */
export const isComplaintId = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
