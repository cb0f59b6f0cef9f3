import { COMPLAINT_STREAMS, complaintId, type ComplaintRecord } from '../../src/complaint/complaint-record.js';
import { CORRECTIONS } from '../../src/complaint/corrected-history.js';
import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import type { Projection } from '../../src/projection/projection.js';
import { markRecordedTimes, RECORDED_TIME_PATHS } from '../../src/eventstore/stored-moment.js';
import { hasEntry, pageAfter, pageId, stateWithoutEntry, type FilePage } from './pages.js';

/** The state of one complaint with its revision. Commands and queries about the past compute it with the same fold. */
export interface ComplaintFile extends Complaint {
  /** Command id of the lodging: it derives from credential and `Idempotency-Key`, so a sender can find its complaint. */
  readonly lodgedBy: string;
  readonly revision: number;
  readonly position: string;
  readonly lastRecordedAt: string;
}

/** The document of the file, without the notes, contacts and long texts that its pages have. */
export interface StoredFile extends ComplaintFile {
  /** Number of page entries up to this revision. */
  readonly entryCount: number;
}

export const complaintFile: Projection<StoredFile | FilePage> = {
  name: 'complaint_file',
  version: 18,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  rewriting: CORRECTIONS,
  keys(event) {
    const id = complaintId(event);
    const { type, data } = event as ComplaintRecord;
    return [
      id,
      ...(hasEntry(event) ? [pageId(id, event.revision)] : []),
      // the page has long texts and lists of the corrected event
      ...(type === 'RecordCorrected' ? [pageId(id, data.target.revision)] : []),
    ];
  },
  evolve(document, recorded, key) {
    const event = markRecordedTimes(recorded) as Recorded<ComplaintEvent>;
    const id = complaintId(event);
    if (key === id) return fileAfter(document as StoredFile | null, event);
    const isOfPage = hasEntry(event) && key === pageId(id, event.revision);
    return isOfPage ? pageAfter(document as FilePage | null, event) : document;
  },
  indexes: [{ fields: { reference: 1 } }, { fields: { lodgedBy: 1 } }],
  nonDeterministicFields: [
    ...RECORDED_TIME_PATHS,
    'lodgedBy',
    'lodged.recordedAt',
    'position',
    'lastRecordedAt',
    'endRecordedAt',
  ],
};

function fileAfter(file: StoredFile | null, event: Recorded<ComplaintEvent>): StoredFile {
  const state = file ?? initial(complaintId(event));
  const inPage = hasEntry(event);
  return {
    ...(inPage ? stateWithoutEntry(state, event) : evolve(state, event)),
    lodgedBy: file?.lodgedBy ?? event.metadata.commandId,
    revision: event.revision,
    position: event.position,
    lastRecordedAt: event.metadata.recordedAt,
    entryCount: (file?.entryCount ?? 0) + (inPage ? 1 : 0),
  };
}
