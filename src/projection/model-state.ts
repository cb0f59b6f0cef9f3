import type { Halt, ProjectionState, RetryTrouble } from './projections.js';

/** State of the loop of a model. */
export type ModelState =
  | { readonly kind: 'stopped' }
  /** Folds new events; `isLive` once it has caught up. */
  | { readonly kind: 'following'; readonly isLive: boolean }
  | { readonly kind: 'paused' }
  | { readonly kind: 'backing-off'; readonly retry: RetryTrouble }
  | { readonly kind: 'halted'; readonly halt: Halt };

/** Faults of the log or of an event; all others are faults of the storage, with state `failed`. */
const HALTS: readonly Halt['reason'][] = [
  'history_changed',
  'undecodable',
  'keys_failed',
  'evolve_failed',
  'document_rejected',
];

/** The state as reported by status, API and metrics. */
export function stateName(state: ModelState, isBuilt: boolean, isRetrying: boolean): ProjectionState {
  switch (state.kind) {
    case 'following':
      return state.isLive ? 'live' : !isBuilt && isRetrying ? 'backing-off' : 'catching-up';
    case 'halted':
      return HALTS.includes(state.halt.reason) ? 'halted' : 'failed';
    default:
      return state.kind;
  }
}
