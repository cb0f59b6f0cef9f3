import { evolve, initial, type Complaint } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import { COMPLAINT_STREAMS, complaintId } from '../../src/complaint/complaint-record.js';
import type { Projection } from '../../src/projection/projection.js';
import { markRunTimes, RUN_TIMES } from '../../src/projection/stored-moment.js';

/** The state of one complaint, by the fold that decides and that time travel uses, and where that state stands. */
export interface ComplaintFile extends Complaint {
  /** Id of the command that lodged it: by it, senders find it under their own key. */
  readonly lodgedBy: string;
  readonly revision: number;
  readonly position: string;
  readonly lastRecordedAt: string;
}

export const complaintFile: Projection<ComplaintFile> = {
  name: 'complaint_file',
  version: 3,
  streams: [COMPLAINT_STREAMS],
  oneStreamPerDocument: true,
  keys: (event) => [complaintId(event)],
  evolve: (file, event, id) => ({
    ...evolve(file ?? initial(id), markRunTimes(event) as Recorded<ComplaintEvent>),
    lodgedBy: file?.lodgedBy ?? event.metadata.commandId,
    revision: event.revision,
    position: event.position,
    lastRecordedAt: event.metadata.recordedAt,
  }),
  indexes: [{ fields: { reference: 1 } }, { fields: { lodgedBy: 1 } }],
  runFields: [...RUN_TIMES, 'lodgedBy', 'lodged.recordedAt', 'position', 'lastRecordedAt', 'endRecordedAt'],
};
