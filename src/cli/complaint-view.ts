import { complaints, targetsOf, type ComplaintEntry } from '../../projections/complaints/projection.js';
import { loadKeys } from '../access/keys.js';
import type { Actor } from '../access/actor.js';
import { systemClock } from '../platform/clock.js';
import { readReference } from '../app/reference.js';
import { openEventStoreToRead } from '../app/engines.js';
import { History } from '../audit/history.js';
import { allowedNow, type Allowed } from '../complaint/allowed.js';
import { complaintDecoder } from '../complaint/command-service.js';
import { COMPLAINT_STREAMS } from '../complaint/complaint-record.js';
import { complaintFileOf } from '../complaint/complaint-view.js';
import type { Complaint } from '../complaint/complaint.js';
import { foldHistory } from '../complaint/corrected-history.js';
import type { ReferenceData } from '../reference/reference-data.js';
import type { ComplaintEvent } from '../complaint/events.js';
import { nextCommands, type NextCommands } from '../complaint/next-commands.js';
import { byDueTime, owedItems, type OwedItem } from '../complaint/owed.js';
import type { Recorded } from '../eventstore/envelope.js';
import type { Configuration } from '../platform/configuration.js';
import type { Language } from '../platform/language.js';
import { instant } from '../platform/moment.js';
import { idOf } from './complaint-id.js';
import { credentialOf } from './credential.js';
import { UserError } from './invocation.js';
import { noSuchComplaint } from '../complaint/reference.js';

/** What a person needs to know to act on a complaint. */
export interface ComplaintView {
  readonly file: ReturnType<typeof complaintFileOf<Complaint>> & { readonly revision: number };
  /** What is owed, with the internal targets that are not met; the earliest due time first. */
  readonly owed: readonly Owed[];
  /** The actor of the credential for which the commands are listed. */
  readonly actor: Actor;
  /** Every command, as in the complaint file of the API. */
  readonly commands: readonly Allowed[];
  readonly allowed: NextCommands;
}

export interface Owed extends Omit<OwedItem, 'kind'> {
  readonly kind: OwedItem['kind'] | 'first_response' | 'resolution';
}

export interface ViewOptions {
  /** Name or role of the credential for which the commands are listed. */
  readonly as: string;
  readonly language: Language;
  /** UTC. */
  readonly now: string;
}

/**
 * Reads a complaint from its stream, so that the view includes every recorded event.
 * @param typed reference or id
 * @throws UserError if there is no such complaint or credential
 */
export async function readComplaint(
  configuration: Configuration,
  typed: string,
  { as, language, now }: ViewOptions,
): Promise<ComplaintView> {
  const eventStore = await openEventStoreToRead(configuration.eventStore);
  try {
    const id = await idOf(typed, configuration);
    const history = new History(eventStore, complaintDecoder, COMPLAINT_STREAMS);
    const events = id === undefined ? [] : await history.recorded(id);
    if (id === undefined || events.length === 0) throw new UserError(noSuchComplaint(typed));
    const keys = loadKeys(configuration.data);
    const actor = keys.findCaller(credentialOf(keys, as).key)?.actor;
    if (actor === undefined) throw new Error(`expected the key of ${as} to identify its caller`);
    return viewOf(id, events, {
      actor,
      reference: (await readReference(eventStore, systemClock)).at(now),
      language,
      now,
    });
  } finally {
    await eventStore.close();
  }
}

interface ViewContext {
  readonly actor: Actor;
  readonly reference: ReferenceData;
  readonly language: Language;
  readonly now: string;
}

/** The view of the complaint with this id after its events. */
export function viewOf(
  id: string,
  events: readonly Recorded<ComplaintEvent>[],
  { actor, reference, language, now }: ViewContext,
): ComplaintView {
  const complaint = foldHistory(id, events);
  const entry = events.reduce<ComplaintEntry | null>((before, event) => complaints.evolve(before, event, id), null);
  const commands = allowedNow(complaint, { now, occurredAt: instant(now), actor, reference });
  return {
    file: { ...complaintFileOf(complaint, reference, language), revision: events.at(-1)?.revision ?? -1 },
    owed: [...(entry === null ? [] : owedTargets(entry)), ...owedItems(complaint)].sort(byDueTime),
    actor,
    commands,
    allowed: nextCommands(complaint, commands, now),
  };
}

/** The targets of an open complaint that are not met. */
function owedTargets(entry: ComplaintEntry): Owed[] {
  const { open, handler } = entry;
  const { firstResponse, resolution } = targetsOf(entry);
  const target = (kind: Owed['kind'], { dueAt, metAt }: typeof resolution): Owed[] =>
    open && metAt === null ? [{ kind, id: null, by: handler, text: null, money: null, dueAt: instant(dueAt) }] : [];
  return [...target('first_response', firstResponse), ...target('resolution', resolution)];
}
