import { earliest } from '../../src/platform/moment.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import { BATCH_STREAMS, type IntakeBatchEvent, type RejectedLine } from '../../src/intake-batch/events.js';
import type { Projection } from '../../src/projection/projection.js';

/** One batch (a file or a bulk request): its counts, and whether it is complete. */
export interface BatchDocument {
  readonly kind: 'batch';
  readonly source: string;
  /** Format of the lines: `commands` or `cfpb`. */
  readonly form: string;
  readonly name: string | null;
  readonly sentBy: string;
  /** Opening and closing times: RFC 3339 in UTC. */
  readonly openedAt: string;
  readonly closedAt: string | null;
  /** True after all lines were processed; false while the batch is open, and forever if the sender aborted it. */
  readonly complete: boolean;
  readonly read: number;
  readonly accepted: number;
  readonly alreadyThere: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly sha256: string | null;
  /** Numbers of rejected lines by code, of those that are in no page; absent if all are in a page. */
  readonly unlisted?: Readonly<Record<string, number>>;
}

/** The rejected lines of one `IntakeLinesRejected` event. */
export interface RejectedPage {
  readonly kind: 'rejected';
  readonly batch: string;
  readonly revision: number;
  readonly lines: readonly RejectedLine[];
}

type BatchRecord = { [E in IntakeBatchEvent as E['type']]: Recorded<E> }[IntakeBatchEvent['type']];

const batchId = ({ stream }: Recorded): string => stream.slice(BATCH_STREAMS.length);

export const pageId = (batch: string, revision: number): string => `${batch}/${String(revision).padStart(10, '0')}`;

/** A batch before its first event. */
const initial: BatchDocument = {
  kind: 'batch',
  source: '',
  form: '',
  name: null,
  sentBy: '',
  openedAt: '',
  closedAt: null,
  complete: false,
  read: 0,
  accepted: 0,
  alreadyThere: 0,
  unchanged: 0,
  rejected: 0,
  sha256: null,
};

export const intakeBatches: Projection<BatchDocument | RejectedPage> = {
  name: 'intake_batches',
  version: 2,
  streams: [BATCH_STREAMS],
  oneStreamPerDocument: true,
  keys: (event) => [event.type === 'IntakeLinesRejected' ? pageId(batchId(event), event.revision) : batchId(event)],
  evolve(document, recorded) {
    const event = recorded as BatchRecord;
    const at = earliest(event.metadata.occurredAt);
    const batch = document?.kind === 'batch' ? document : initial;
    switch (event.type) {
      case 'IntakeBatchOpened': {
        const { source, kind: form, name = null } = event.data;
        return { ...batch, source, form, name, sentBy: event.metadata.actor.id, openedAt: at };
      }
      case 'IntakeLinesRejected':
        return { kind: 'rejected', batch: batchId(event), revision: event.revision, lines: event.data.lines };
      case 'IntakeBatchClosed': {
        const { read, accepted, alreadyThere, unchanged = 0, rejected, sha256, complete, unlisted } = event.data;
        const counts = { read, accepted, alreadyThere, unchanged, rejected, ...(unlisted && { unlisted }) };
        return { ...batch, ...counts, sha256, complete, closedAt: at };
      }
    }
  },
  indexes: [
    { fields: { kind: 1, openedAt: 1 } },
    { fields: { kind: 1, source: 1, openedAt: 1 } },
    { fields: { kind: 1, batch: 1, revision: 1 } },
  ],
  // each run of a history opens new batches, so these values differ between runs
  nonDeterministicFields: ['openedAt', 'closedAt', 'batch', 'revision'],
};
