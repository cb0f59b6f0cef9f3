import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Actor } from '../access/actor.js';
import { AggregateCommands, type AggregateSubmission } from '../command/aggregate-commands.js';
import { commandIdOf } from '../command/command-id.js';
import type { CommandOutcome } from '../command/outcome.js';
import type { LoopOptions } from '../eventstore/command-loop.js';
import type { DomainEvent } from '../eventstore/envelope.js';
import { StoreUnavailable, type EventStore } from '../eventstore/event-store.js';
import { PublishHousePolicy } from '../house-policy/commands.js';
import { housePolicyTable } from '../house-policy/house-policy.js';
import type { Clock } from '../platform/clock.js';
import { PublishResponsePolicy } from '../response-policy/commands.js';
import { responsePolicyTable } from '../response-policy/publishing.js';
import { RecordStaff } from '../staff/commands.js';
import { idKey, type StaffSource } from '../staff/person.js';
import { staffTable } from '../staff/staff.js';
import { referenceContext, referenceTables, type ReferenceContext } from './aggregates.js';
import type { ReferenceFold } from './reference-fold.js';

/** 4 MiB for cached streams of each kind. */
const MEMORY_BYTES = 4 * 1024 * 1024;

export interface ReferenceSubmission extends AggregateSubmission {
  /** Name of the collection, such as `staff`. */
  readonly collection: string;
  /** The id as it was given; `id` is its form for comparison. */
  readonly givenId?: string;
  /** How the directory comes to know a person (default: by a command). */
  readonly source?: StaffSource;
}

type Commands = AggregateCommands<unknown, DomainEvent, ReferenceContext, ReferenceSubmission>;

/** Decides and records the commands about people, units and rules. */
export class ReferenceCommands {
  private readonly byCollection: ReadonlyMap<string, Commands>;

  constructor(
    store: EventStore,
    clock: Clock,
    private readonly fold: ReferenceFold,
    options: LoopOptions,
  ) {
    this.byCollection = new Map(
      referenceTables.map((table) => [
        table.collection,
        new AggregateCommands<unknown, DomainEvent, ReferenceContext, ReferenceSubmission>(
          store,
          table,
          clock,
          { ...options, memoryBytes: MEMORY_BYTES },
          (context, { id, givenId = id, source = 'command' }) =>
            referenceContext(context, givenId, fold.current(), source),
        ),
      ]),
    );
  }

  /** Records a command. When it returns, this process knows what was recorded. */
  async submit(submission: ReferenceSubmission): Promise<CommandOutcome> {
    const { collection } = submission;
    const commands = this.byCollection.get(collection);
    const table = referenceTables.find((candidate) => candidate.collection === collection);
    if (commands === undefined || table === undefined) throw new Error(`${collection} is no collection`);
    const id = idKey(submission.id);
    const outcome = await commands.submit({ ...submission, id, givenId: submission.id });
    await this.fold.refresh([`${table.aggregate.prefix}${id}`]);
    return outcome;
  }

  /** Records people whom the directory does not know. */
  async recordPeople(
    people: readonly { readonly id: string; readonly roles: readonly Actor['role'][] }[],
    source: StaffSource,
    actor: Actor,
  ): Promise<void> {
    for (const { id, roles } of people) {
      if (this.fold.current().staff.person(id) !== undefined) continue;
      const command = Object.assign(new RecordStaff(), { roles });
      await this.record(
        { collection: staffTable.collection, id, command, actor, source },
        `staff:${source}:${idKey(id)}`,
      );
    }
  }

  /** Records people whom a sending system names. They have no credential and no role until a command gives them one. */
  async recordImported(ids: readonly string[], actor: Actor): Promise<void> {
    await this.recordPeople(
      ids.map((id) => ({ id, roles: [] })),
      'import',
      actor,
    );
  }

  /** Publishes the first versions of the policies, if there are none. */
  async publishFirstVersions(): Promise<void> {
    await this.publishFirst(housePolicyTable.collection, new PublishHousePolicy());
    const letters = Object.assign(new PublishResponsePolicy(), { form: 'house' as const });
    await this.publishFirst(responsePolicyTable.collection, letters);
  }

  private async publishFirst(collection: string, command: object): Promise<void> {
    const { revision } = (await this.byCollection.get(collection)?.load('house')) ?? { revision: -1 };
    if (revision < 0) await this.record({ collection, id: 'house', command, actor: INSTALLATION }, `${collection}:1`);
  }

  async drained(): Promise<void> {
    await Promise.all([...this.byCollection.values()].map((commands) => commands.drained()));
  }

  /** Records a command that this process gives itself. The same purpose records once. */
  private async record(
    submission: Omit<ReferenceSubmission, 'commandId' | 'commandDigest'>,
    purpose: string,
  ): Promise<void> {
    const outcome = await this.submit({
      ...submission,
      commandId: commandIdOf('redress', purpose),
      commandDigest: createHash('sha256')
        .update(canonicalize(submission.command) ?? '')
        .digest('hex'),
    });
    const isRecorded = outcome.accepted || outcome.code === 'nothing_to_change' || outcome.kind === 'key_reused';
    if (!isRecorded) throw new StoreUnavailable(`${purpose} could not be recorded: ${outcome.code}`);
  }
}

/** The actor of what an installation records by itself. */
export const INSTALLATION: Actor = { type: 'automation', id: 'redress', role: 'administrator' };
