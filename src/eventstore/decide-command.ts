import type { Clock } from '../platform/clock.js';
import { encodeBatch } from './codec.js';
import type { DomainEvent } from './envelope.js';
import { storedBytes, type EncodedEvent } from './event-store.js';
import type { Aggregate, Folded } from './fold.js';
import type { LoopCommand, LoopOutcome } from './loop-command.js';

/** An outcome that needs no append, or the events to append. */
export type Decided<State, Refusal> =
  LoopOutcome<State, Refusal> | { readonly kind: 'append'; readonly batch: readonly EncodedEvent[] };

/**
 * Decides a command on a folded stream. Checks in this order: command id already recorded, `ifRevision`, decision, room in
 * the stream.
 */
export function decideCommand<State, Event extends DomainEvent, Refusal>(
  aggregate: Aggregate<State, Event>,
  command: LoopCommand<State, Event, Refusal>,
  folded: Folded<State>,
  clock: Clock,
): Decided<State, Refusal> {
  const known = folded.commands.get(command.commandId);
  if (known !== undefined) {
    return known.digest === command.commandDigest
      ? { kind: 'recorded', command: known, folded, alreadyThere: true }
      : { kind: 'key_reused', folded };
  }
  if (command.ifRevision !== undefined && command.ifRevision !== folded.revision)
    return { kind: 'precondition_failed', folded };
  const clockTime = clock.now();
  const now = clockTime > folded.lastRecordedAt ? clockTime : folded.lastRecordedAt;
  const decision = command.decide(folded, now);
  if ('refusal' in decision) return { kind: 'refused', refusal: decision.refusal, folded };
  if ('known' in decision) return { kind: 'recorded', command: decision.known, folded, alreadyThere: true };
  const { events, occurredAt, occurredAtBasis } = decision;
  // metadata of one event cannot remove a field of the batch: if an event has its own time, each event gets its own basis
  const haveOneTime = events.every((event) => event.occurredAt === undefined);
  const batch = encodeBatch(
    `${aggregate.prefix}${command.id}`,
    folded.revision + 1,
    folded.lastHash,
    events.map((event) => ({
      type: event.type,
      data: event.data,
      version: aggregate.decoder.versionOf(event.type),
      metadata: { ...(!haveOneTime && timeOf(event, occurredAtBasis)), ...referencesOf(event) },
    })),
    {
      occurredAt,
      ...(haveOneTime && occurredAtBasis && { occurredAtBasis }),
      recordedAt: now,
      actor: command.actor,
      ...(command.onBehalfOf !== undefined && { onBehalfOf: command.onBehalfOf }),
      ...(command.channel !== undefined && { channel: command.channel }),
      commandId: command.commandId,
      commandDigest: command.commandDigest,
      $correlationId: command.correlationId,
      $causationId: command.causationId,
      ...(command.taxonomyVersion !== undefined && { taxonomyVersion: command.taxonomyVersion }),
    },
  );
  const added = batch.reduce((bytes, event) => bytes + storedBytes(event), 0);
  const refusal = command.checkRoom?.(folded.bytes, added);
  return refusal === undefined ? { kind: 'append', batch } : { kind: 'refused', refusal, folded };
}

/** The time of one event of a batch whose events have different times. */
const timeOf = (
  { occurredAt, occurredAtBasis: basis }: DomainEvent,
  basisOfBatch: 'recorded' | undefined,
): Pick<Partial<DomainEvent>, 'occurredAt' | 'occurredAtBasis'> =>
  occurredAt === undefined
    ? { ...(basisOfBatch && { occurredAtBasis: basisOfBatch }) }
    : { occurredAt, ...(basis && { occurredAtBasis: basis }) };

const referencesOf = ({ policyRefs }: DomainEvent): Pick<DomainEvent, 'policyRefs'> => ({
  ...(policyRefs && { policyRefs }),
});
