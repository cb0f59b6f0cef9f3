import type { ComplaintRecord } from './complaint-record.js';
import type { Point } from './terms/facts.js';
import type { DataOf } from './complaint.js';

type Classified = DataOf<'ComplaintClassified'>['points'][number];

/** What a document has of each point. */
export interface PointColumns<Columns> {
  of(point: Point): Columns;
  /** The columns after a classification. */
  classified(columns: Columns, classification: Classified): Columns;
}

/**
 * The points that count, in their order; lists and trends show the first one. Points that were split off or referred
 * leave, but the last one stays: a complaint is about something. Returns the same list if nothing changes.
 */
export function evolvePoints<Columns extends { readonly id: string }>(
  points: readonly Columns[],
  event: ComplaintRecord,
  { of, classified }: PointColumns<Columns>,
): readonly Columns[] {
  switch (event.type) {
    case 'ComplaintReceived':
      return event.data.points.map(of);
    case 'PointAdded':
      return [...points, of(event.data.point)];
    case 'PointSplit':
      return [...points, ...event.data.points.map(of)];
    case 'ComplaintClassified':
      return points.map((columns) => {
        const classification = event.data.points.find(({ id }) => id === columns.id);
        return classification === undefined ? columns : classified(columns, classification);
      });
    case 'PointsSplitOff':
    case 'ComplaintReferredExternally': {
      const { pointIds } = event.data;
      const staying = points.filter(({ id }) => !pointIds.includes(id));
      return staying.length === 0 ? points : staying;
    }
    default:
      return points;
  }
}
