import { RevisionMissing } from '../audit/history.js';
import { ProjectionHalted } from '../projection/failures.js';
import { OperationInProgress } from '../projection/operations.js';
import { WorkerLost } from '../projection/worker-projection-runner.js';
import { RunsElsewhere } from '../projection/remote-projections.js';
import { AppendAmbiguous, StoreUnavailable } from '../eventstore/event-store.js';
import { NotYetVisible, QueryTooSlow, ReadModelsUnavailable } from '../readmodels/read-models.js';

/** How an error is reported to a client, over HTTP or any other interface. */
export interface MappedError {
  /** HTTP status. */
  readonly status: number;
  /** A stable code in snake_case. */
  readonly code: string;
  /** Sent to the client. Does not say whether a command was recorded, if that is unknown. */
  readonly message: string;
  /** Seconds after which the client may retry; absent where a retry does not help. */
  readonly retryAfter?: number;
}

/**
 * Maps the known errors of stores, projections and histories. Returns undefined for any other error.
 */
export function mapError(error: unknown): MappedError | undefined {
  if (error instanceof StoreUnavailable || error instanceof AppendAmbiguous)
    return failure(503, 'event_store_unavailable', `the event store did not confirm the outcome${RETRY_HINT}`, 5);
  if (error instanceof ReadModelsUnavailable)
    return failure(503, 'read_models_unavailable', `the read models cannot be reached${RETRY_HINT}`, 5);
  if (error instanceof QueryTooSlow) return failure(503, 'query_too_slow', error.message, 5);
  if (error instanceof WorkerLost) return failure(503, 'projections_unavailable', error.message, 5);
  if (error instanceof NotYetVisible) return failure(503, 'not_yet_visible', error.message, 1);
  if (error instanceof RevisionMissing) return failure(404, 'revision_not_found', error.message);
  if (error instanceof RunsElsewhere) return failure(409, 'projections_run_elsewhere', error.message);
  if (error instanceof OperationInProgress) return failure(409, 'projection_busy', error.message);
  if (error instanceof ProjectionHalted) return failure(409, 'projection_halted', error.message);
  return undefined;
}

const RETRY_HINT = '; send the same request again (a command with the same key)';

const failure = (status: number, code: string, message: string, retryAfter?: number): MappedError => ({
  status,
  code,
  message,
  ...(retryAfter !== undefined && { retryAfter }),
});
