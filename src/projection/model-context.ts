import type { EventStore } from '../eventstore/event-store.js';
import type { ExplainFailure } from '../platform/server-unusable.js';
import type { ReadModels } from '../readmodels/read-models.js';
import type { Feed } from './feed.js';
import type { ModelControl } from './model-control.js';
import type { Pacer } from './pacer.js';
import type { Decode } from './page.js';
import type { Projection } from './projection.js';
import type { WriterLimits } from './projection-writer.js';

/** Dependencies of the loop of one model and of its rebuilds. */
export interface ModelContext {
  readonly projection: Projection;
  readonly store: EventStore;
  readonly feed: Feed;
  readonly decode: Decode;
  readonly readModels: ReadModels;
  readonly control: ModelControl;
  readonly limits: WriterLimits;
  /** Number of events per write while the model catches up. */
  readonly batchSize: number;
  /**
   * Whether other processes read the checkpoint. Then it is stored whenever the model has caught up, even if no
   * document changed.
   */
  readonly othersReadCheckpoint: boolean;
  readonly pacer: Pacer;
  /** Aborted when the runner stops. */
  readonly stopping: AbortSignal;
  readonly explainFailure: ExplainFailure | undefined;
  /** Called after every change of the status of the model. */
  readonly onStatusChange: () => void;
}
