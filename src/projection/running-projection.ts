import type { Position } from '../eventstore/event-store.js';
import { NOTHING_PARKED } from './parked-events.js';
import type { Projection } from './projection.js';
import type { BuildReport, Halt, ProjectionState, ProjectionStatus } from './projections.js';
import type { Projector } from './projector.js';

/** A person must look: the log or the model is not what it was, or an event cannot be folded. */
const HALTS: readonly Halt['reason'][] = ['history_changed', 'undecodable', 'keys_failed', 'evolve_failed'];

/** What the runner knows of one projection. */
export class RunningProjection {
  started = false;
  paused = false;
  /** A build holds it at its position. */
  held = false;
  caughtUp = false;
  /** A first build: its indexes are made when it has caught up. */
  unindexed = false;
  /** None while the first build of a new version is under way. */
  projector: Projector | undefined;
  halt: Halt | undefined;
  building: { readonly collection: string; readonly position: Position | null } | undefined;
  /** What went wrong while it is built, and is tried again. */
  buildTrouble: ProjectionStatus['retry'];
  lastBuild: BuildReport | undefined;

  constructor(readonly projection: Projection) {}

  get name(): string {
    return this.projection.name;
  }

  /** Whether it takes the batches of the subscription. */
  get takes(): Projector | undefined {
    return this.started && !this.paused && !this.held && this.halt === undefined ? this.projector : undefined;
  }

  /** @param trouble with the subscription that it takes part in */
  status(head: Position | null, trouble: ProjectionStatus['retry']): ProjectionStatus {
    // while it takes no batches, it moves when the build does
    const retry = (this.takes === undefined ? this.buildTrouble : undefined) ?? trouble;
    const state = this.state(retry !== undefined);
    const position = this.projector?.position ?? null;
    // a paused one hears of nothing that comes
    const caughtUp = this.caughtUp && (state === 'live' || (state === 'paused' && position === head));
    return {
      name: this.name,
      version: this.projection.version,
      state,
      collection: this.projector?.collection ?? null,
      position,
      recordedAt: this.projector?.recordedAt ?? null,
      caughtUp,
      lag: caughtUp ? 0 : distance(position, head),
      folded: this.projector?.folded ?? 0,
      parked: this.projector?.parked.counts ?? NOTHING_PARKED,
      ...(this.halt !== undefined && { halt: this.halt }),
      ...(retry !== undefined && state === 'backing-off' && { retry }),
      ...(this.building !== undefined && { building: this.building }),
      ...(this.lastBuild !== undefined && { lastBuild: this.lastBuild }),
    };
  }

  private state(retrying: boolean): ProjectionState {
    if (!this.started) return 'stopped';
    if (this.halt !== undefined) return HALTS.includes(this.halt.reason) ? 'halted' : 'failed';
    if (this.paused) return 'paused';
    if (retrying) return 'backing-off';
    return this.caughtUp && this.projector !== undefined ? 'live' : 'catching-up';
  }
}

/** Positions are numbers padded with zeros, the first one before a slash where there are two. */
export function distance(position: Position | null, head: Position | null): number {
  if (head === null || (position !== null && position >= head)) return 0;
  const number = (text: Position | null): bigint => BigInt(text?.split('/')[0] ?? 0);
  return Number(number(head) - number(position));
}
