import { complaintEventTypes, complaintUpcasters } from '../src/complaint/events.js';
import type { DomainEvent } from '../src/eventstore/envelope.js';
import { EventDecoder } from '../src/eventstore/codec.js';
import { intakeBatchEventTypes } from '../src/intake-batch/events.js';
import { complaintFile } from './complaint-file/projection.js';
import { complaints } from './complaints/projection.js';
import { dueTimes } from './due-times/projection.js';
import { intakeBatches } from './intake-batches/projection.js';
import type { Projection } from '../src/projection/projection.js';
import { timeline } from './timeline/projection.js';
import { trends } from './trends/projection.js';

/** All read models. A new read model needs a folder and an entry in this list. */
export const catalogue: readonly Projection[] = [complaints, complaintFile, timeline, trends, intakeBatches, dueTimes];

/** Decodes all event types that read models receive. */
export const decoder = new EventDecoder<DomainEvent>(
  [...complaintEventTypes, ...intakeBatchEventTypes],
  complaintUpcasters,
);
