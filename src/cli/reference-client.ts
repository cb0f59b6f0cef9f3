import type { Actor } from '../access/actor.js';
import { loadKeys } from '../access/keys.js';
import { mayDo } from '../access/roles.js';
import { installationKeys } from '../app/installation-keys.js';
import { openReference } from '../app/reference.js';
import { openStores } from '../app/stores.js';
import { commandDigest } from '../command/command-digest.js';
import { commandIdOf } from '../command/command-id.js';
import type { AcceptedCommand } from '../command/outcome.js';
import { systemClock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import type { ConcreteClass } from '../platform/fields.js';
import type { JsonObject } from '../platform/json.js';
import { validateObject } from '../platform/validate-object.js';
import type { Refusal } from './command-client.js';
import { credentialOf } from './credential.js';
import { findLiveService, ServiceRefused, type LiveService } from './live-service.js';

/** A command about a person, a unit or a policy, as the command line sends it. */
export interface ReferenceRequest {
  readonly collection: string;
  readonly id: string;
  /** Last segment of the path of the command. */
  readonly path: string;
  readonly command: ConcreteClass;
  /** The idempotency key. */
  readonly key: string;
  readonly body: JsonObject;
}

export type ReferenceAnswer = Omit<AcceptedCommand, 'accepted'> | Refusal;

/**
 * Sends a command with a credential: to the service that uses the data folder or, if none runs, directly into the store.
 * @param as name or role of the credential
 */
export async function submitReference(
  configuration: Configuration,
  as: string,
  request: ReferenceRequest,
): Promise<ReferenceAnswer> {
  const live = await findLiveService(configuration);
  return live === undefined ? sendToStore(configuration, as, request) : sendToService(live, configuration, as, request);
}

async function sendToService(
  live: LiveService,
  { data }: Configuration,
  as: string,
  { collection, id, path, key, body }: ReferenceRequest,
): Promise<ReferenceAnswer> {
  try {
    const url = `/v1/${collection}/${encodeURIComponent(id)}/${path}`;
    const headers = { 'idempotency-key': key };
    return await live.request(credentialOf(loadKeys(data), as), url, { method: 'POST', body, headers });
  } catch (error) {
    if (!(error instanceof ServiceRefused) || error.problem.code === undefined) throw error;
    const { code, detail = '', errors = [] } = error.problem;
    return { code, message: detail, errors };
  }
}

async function sendToStore(
  configuration: Configuration,
  as: string,
  request: ReferenceRequest,
): Promise<ReferenceAnswer> {
  const stores = await openStores(configuration, systemClock);
  try {
    const keys = await installationKeys(configuration, stores.eventStore);
    const { name: credential, key } = credentialOf(keys, as);
    const actor = keys.findCaller(key)?.actor;
    if (actor === undefined) throw new Error(`expected the key of ${credential} to identify its caller`);
    const forbidden = forbiddenTo(actor, request.command.name);
    if (forbidden !== undefined) return forbidden;
    const validated = validateObject(request.command, request.body);
    if (!validated.ok) return { code: 'validation_failed', message: '', errors: validated.errors };
    const { referenceCommands } = await openReference(stores, systemClock, keys);
    const outcome = await referenceCommands.submit({
      collection: request.collection,
      id: request.id,
      command: validated.value,
      commandId: commandIdOf(credential, request.key),
      commandDigest: commandDigest(keys.digestKey, request.command.name, request.body),
      actor,
    });
    if (outcome.accepted) return outcome;
    return { code: outcome.code, message: outcome.unmet[0]?.message ?? outcome.code, errors: outcome.unmet };
  } finally {
    await stores.close();
  }
}

function forbiddenTo(actor: Actor, name: string): Refusal | undefined {
  if (mayDo(actor, name)) return undefined;
  const message = `the role ${actor.role} is not allowed to send ${name}; use a credential with another role`;
  return { code: 'forbidden', message, errors: [{ code: 'forbidden', message }] };
}
