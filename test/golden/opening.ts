import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../src/platform/json.js';
import { KEYS, NOW, ROWS } from './files.js';

/** A line of rows.ndjson. */
export interface Row {
  readonly stream: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
}

export const recordedRows = (): string[] => readFileSync(ROWS, 'utf8').trimEnd().split('\n');

export const parseRow = (row: string): Row => JSON.parse(row) as Row;

/** Type, stream and, for a hold, its id. */
export const labelOf = ({ type, stream, data: { holdId } }: Row): string =>
  [type, stream, ...(typeof holdId === 'string' ? [holdId] : [])].join(' ');

/**
 * The labels of the events that the service records when it opens the recorded store at NOW, sorted: the rules of the
 * house, the people of the credentials, and the end of each hold whose expected end has passed in an open complaint.
 */
export function recordedAtOpening(): string[] {
  const rows = recordedRows().map(parseRow);
  const closed = new Set(rows.filter(({ type }) => ENDS.has(type)).map(({ stream }) => stream));
  const released = new Set(
    rows.filter(({ type }) => type === 'HoldReleased').map(({ stream, data }) => `${stream} ${String(data.holdId)}`),
  );
  const ended = rows
    .filter(
      ({ type, stream, data }) =>
        type === 'HoldPlaced' && !closed.has(stream) && hasEnded(data.expectedEnd as JsonObject),
    )
    .map(({ stream, data }) => `${stream} ${String(data.holdId)}`)
    .filter((hold) => !released.has(hold));
  return [
    'HousePolicyPublished house-policy-house',
    'ResponsePolicyPublished response-policy-house',
    ...people().map((id) => `StaffRecorded staff-${id}`),
    ...ended.map((hold) => `HoldReleased ${hold}`),
  ].sort();
}

/** They end the holds of their complaint. */
const ENDS = new Set(['ComplaintClosed', 'ComplaintWithdrawn', 'ComplaintDeclaredInadmissible']);

const hasEnded = ({ at, day }: JsonObject): boolean => String(at ?? day) < NOW;

function people(): string[] {
  const { credentials } = JSON.parse(readFileSync(KEYS, 'utf8')) as {
    readonly credentials: readonly { readonly actor: { readonly type: string; readonly id: string } }[];
  };
  return credentials.filter(({ actor }) => actor.type === 'person').map(({ actor }) => actor.id);
}
