import { loadKeys } from '../access/keys.js';
import { openEventStoreToRead } from '../app/engines.js';
import type { Unmet } from '../complaint/decision.js';
import type { CommandRow } from '../complaint/table.js';
import type { Configuration } from '../platform/configuration.js';
import type { JsonObject } from '../platform/json.js';
import { revisionTag } from '../platform/http/headers.js';
import { credentialOf } from './credential.js';
import { openDirectSender } from './direct-sender.js';
import { findLiveService, ServiceRefused, type LiveService } from './live-service.js';

/** A command as `redress do` sends it. */
export interface Request {
  readonly row: CommandRow;
  /** Reference or id of the complaint, as typed; undefined for the command that creates a complaint. */
  readonly complaint: string | undefined;
  /** The idempotency key. */
  readonly key: string;
  readonly body: JsonObject;
  /** The revision that the complaint must have; undefined if it may have any. */
  readonly ifRevision: number | undefined;
}

export interface Recorded {
  readonly id: string;
  readonly reference: string;
  readonly revision: number;
  readonly position: string;
  /** Types of the recorded events. */
  readonly events: readonly string[];
  /** True if the command had been recorded before. */
  readonly alreadyThere: boolean;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** The reasons. */
  readonly errors: readonly Unmet[];
}

export type Answer = Recorded | Refusal;

export const isRefusal = (answer: Answer): answer is Refusal => 'errors' in answer;

/**
 * Sends a command with a credential: to the service that uses the data folder or, if none runs, directly into the stores.
 * @param as name or role of the credential
 * @throws UserError if the answer of the service is lost; the command may be recorded all the same
 */
export async function submit(configuration: Configuration, as: string, request: Request): Promise<Answer> {
  const live = await findLiveService(configuration);
  return live === undefined
    ? sendToStores(configuration, as, request)
    : sendToService(live, configuration, as, request);
}

async function sendToService(
  live: LiveService,
  { data }: Configuration,
  as: string,
  { row, complaint, key, body, ifRevision }: Request,
): Promise<Answer> {
  const path = complaint === undefined ? '' : `/${encodeURIComponent(complaint)}/${row.path}`;
  const headers = {
    'idempotency-key': key,
    ...(ifRevision !== undefined && { 'if-match': revisionTag(ifRevision) }),
  };
  try {
    const credential = credentialOf(loadKeys(data), as);
    return await live.request<Recorded>(credential, `/v1/complaints${path}`, { method: 'POST', body, headers });
  } catch (error) {
    if (!(error instanceof ServiceRefused) || error.problem.code === undefined) throw error;
    const { code, detail = '', errors = [] } = error.problem;
    return { code, message: detail, errors };
  }
}

async function sendToStores(
  configuration: Configuration,
  as: string,
  { row, complaint, key, body, ifRevision }: Request,
): Promise<Answer> {
  // a command to an existing complaint must not create a store, for example in a folder whose name is mistyped
  if (complaint !== undefined) await (await openEventStoreToRead(configuration.eventStore)).close();
  const direct = await openDirectSender(configuration, as);
  try {
    const answer = await direct.sender.send({
      command: row.name,
      key,
      body,
      ...(complaint !== undefined && { complaint }),
      ...(ifRevision !== undefined && { ifRevision }),
    });
    if (answer.status === 'rejected')
      return { code: answer.code, message: answer.unmet[0]?.message ?? answer.code, errors: answer.unmet };
    if (answer.status === 'unchanged') {
      const { message } = answer;
      return { code: 'nothing_to_change', message, errors: [{ code: 'nothing_to_change', message }] };
    }
    const { status, ...recorded } = answer;
    return { ...recorded, alreadyThere: status === 'already_there' };
  } finally {
    await direct.close();
  }
}
