import type { Halt, ProjectionState, RetryStatus } from './projections.js';

/** State of the loop of a model. */
export type ModelState =
  | { readonly kind: 'stopped' }
  /** Folds events. `isLive` is true while it has caught up. */
  | { readonly kind: 'following'; readonly isLive: boolean }
  | { readonly kind: 'paused' }
  | { readonly kind: 'backing-off'; readonly retry: RetryStatus }
  | { readonly kind: 'halted'; readonly halt: Halt };

/**
 * Reasons that come from the log or from an event: the reported state is `halted`. All other reasons come from the
 * storage of the read model: the reported state is `failed`.
 */
const HALTED_REASONS: readonly Halt['reason'][] = [
  'history_changed',
  'undecodable',
  'keys_failed',
  'evolve_failed',
  'document_rejected',
];

/**
 * The state as status, API and metrics report it. `isBuilt`: the model has a collection of the current version;
 * `isRetrying`: the last attempt failed, and the model tries again.
 */
export function stateName(state: ModelState, isBuilt: boolean, isRetrying: boolean): ProjectionState {
  switch (state.kind) {
    case 'following':
      if (state.isLive) return 'live';
      return !isBuilt && isRetrying ? 'backing-off' : 'catching-up';
    case 'halted':
      return HALTED_REASONS.includes(state.halt.reason) ? 'halted' : 'failed';
    default:
      return state.kind;
  }
}
