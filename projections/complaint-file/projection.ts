import { COMPLAINT_STREAMS, complaintId } from '../../src/complaint/complaint-record.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import type { Projection } from '../../src/projection/projection.js';
import { markRunTimes, RUN_TIME_PATHS } from '../../src/eventstore/stored-moment.js';
import { hasEntry, pageAfter, pageId, stateWithoutEntry, type FilePage } from './pages.js';

/** The state of one complaint with its revision. Commands and queries of a point in time use the same fold. */
export interface ComplaintFile extends Complaint {
  /** Id of the lodging command. It follows from credential and key, so a sender finds the complaint by its own key. */
  readonly lodgedBy: string;
  readonly revision: number;
  readonly position: string;
  readonly lastRecordedAt: string;
}

/** The file without notes, contacts and long texts, which are in its pages. */
export interface StoredFile extends ComplaintFile {
  /** Number of page entries up to this revision. */
  readonly entryCount: number;
}

export const complaintFile: Projection<StoredFile | FilePage> = {
  name: 'complaint_file',
  version: 4,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  keys(event) {
    const id = complaintId(event);
    return hasEntry(event) ? [id, pageId(id, event.revision)] : [id];
  },
  evolve(document, recorded, key) {
    const event = markRunTimes(recorded) as Recorded<ComplaintEvent>;
    return key === complaintId(event)
      ? fileAfter(document as StoredFile | null, event)
      : pageAfter(document as FilePage | null, event);
  },
  indexes: [{ fields: { reference: 1 } }, { fields: { lodgedBy: 1 } }],
  nonDeterministicFields: [
    ...RUN_TIME_PATHS,
    'lodgedBy',
    'lodged.recordedAt',
    'position',
    'lastRecordedAt',
    'endRecordedAt',
  ],
};

function fileAfter(file: StoredFile | null, event: Recorded<ComplaintEvent>): StoredFile {
  const state = file ?? initial(complaintId(event));
  const paged = hasEntry(event);
  return {
    ...(paged ? stateWithoutEntry(state, event) : evolve(state, event)),
    lodgedBy: file?.lodgedBy ?? event.metadata.commandId,
    revision: event.revision,
    position: event.position,
    lastRecordedAt: event.metadata.recordedAt,
    entryCount: (file?.entryCount ?? 0) + (paged ? 1 : 0),
  };
}
