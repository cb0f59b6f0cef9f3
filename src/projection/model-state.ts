import type { Halt, ProjectionState, RetryTrouble } from './projections.js';

/** What the loop of a model is at. */
export type ModelState =
  | { readonly kind: 'stopped' }
  /** Folds what comes; `isLive` once it has taken everything there was. */
  | { readonly kind: 'following'; readonly isLive: boolean }
  | { readonly kind: 'paused' }
  | { readonly kind: 'backing-off'; readonly retry: RetryTrouble }
  | { readonly kind: 'halted'; readonly halt: Halt };

/** These are faults of the log or of an event; the others are faults of the storage, and the state is `failed`. */
const HALTS: readonly Halt['reason'][] = [
  'history_changed',
  'undecodable',
  'keys_failed',
  'evolve_failed',
  'document_rejected',
];

/** The state as status, API and metrics name it. */
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
