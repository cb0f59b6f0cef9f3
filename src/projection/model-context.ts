import type { EventStore } from '../eventstore/event-store.js';
import type { ReadModels } from '../readmodels/read-models.js';
import type { Feed } from './feed.js';
import type { ModelControl } from './model-control.js';
import type { Pacer } from './pacer.js';
import type { Decode } from './page.js';
import type { Projection } from './projection.js';
import type { WriterLimits } from './projection-writer.js';

/** What the loop of one model, and what is built beside it, work with. */
export interface ModelContext {
  readonly projection: Projection;
  readonly store: EventStore;
  readonly feed: Feed;
  readonly decode: Decode;
  readonly readModels: ReadModels;
  readonly control: ModelControl;
  readonly limits: WriterLimits;
  /** Events folded before documents are written while catching up. */
  readonly batchSize: number;
  /** Other processes wait at the stored checkpoints: they move when caught up, even where nothing was to be written. */
  readonly isWatched: boolean;
  readonly pacer: Pacer;
  /** Aborts when everything stops. */
  readonly stopping: AbortSignal;
  /** Called after every change of what the model's status says. */
  readonly changed: () => void;
}
