import type { Unmet } from '../complaint/decision.js';
import { IDEMPOTENCY_KEY } from '../platform/http/headers.js';
import { parseJson } from '../platform/http/body-parser.js';
import { Problem } from '../platform/http/problem.js';
import type { BulkCommand } from './command-sender.js';
import { LINE_LIMIT, type RawLine } from './lines.js';

/** A line that cannot be a command, and why. */
export interface UnusableLine {
  readonly key?: string;
  readonly code: string;
  readonly errors: readonly Unmet[];
}

const MEMBERS = ['command', 'key', 'complaint', 'occurredAt', 'data'];

/** The command of a line `{"command", "key", "complaint"?, "occurredAt"?, "data"}`; what is in `data` is judged later. */
export function readLine({ bytes }: RawLine): BulkCommand | UnusableLine {
  if (bytes === undefined)
    return unusable('line_too_long', [
      { code: 'line_too_long', message: `a line has at most ${String(LINE_LIMIT)} bytes` },
    ]);
  let value: unknown;
  try {
    value = parseJson(bytes);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return unusable(error.code, error.particulars.errors ?? [{ code: error.code, message: error.detail }]);
  }
  if (!isObject(value))
    return unusable('wrong_type', [{ code: 'wrong_type', message: 'a line is a JSON object', pointer: '' }]);
  const { command, key, complaint, occurredAt, data } = value;
  const errors: Unmet[] = [];
  const fault = (pointer: string, code: string, message: string): void => {
    errors.push({ pointer, code, message: `${pointer.slice(1)} ${message}` });
  };
  for (const name of Object.keys(value))
    if (!MEMBERS.includes(name)) fault(`/${name.slice(0, 200)}`, 'unknown_field', 'is not known here');
  if (typeof command !== 'string')
    fault('/command', command === undefined ? 'missing' : 'wrong_type', 'must name a command');
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key))
    fault('/key', 'wrong_form', 'must be 1 to 128 visible ASCII characters');
  if (complaint !== undefined && (typeof complaint !== 'string' || complaint === '' || complaint.length > 500))
    fault('/complaint', 'wrong_form', 'must be an id, a reference, or the key of the lodging line');
  if (!isObject(data)) fault('/data', data === undefined ? 'missing' : 'wrong_type', 'must be an object');
  else if (occurredAt !== undefined && 'occurredAt' in data)
    fault('/data/occurredAt', 'twice', 'stands in the line already');
  const known = typeof key === 'string' && IDEMPOTENCY_KEY.test(key) ? key : undefined;
  if (errors.length > 0 || typeof command !== 'string' || known === undefined || !isObject(data))
    return unusable('validation_failed', errors, known);
  return {
    command,
    key: known,
    ...(typeof complaint === 'string' && { complaint }),
    body: occurredAt === undefined ? data : { ...data, occurredAt },
  };
}

export const isUnusable = (line: BulkCommand | UnusableLine): line is UnusableLine => 'errors' in line;

/** Where a field of the command stands in its line: `/occurredAt` beside `data`, everything else within. */
export const pointerInLine = (pointer: string): string =>
  pointer.startsWith('/occurredAt') ? pointer : `/data${pointer}`;

const unusable = (code: string, errors: readonly Unmet[], key?: string): UnusableLine => ({
  code,
  errors,
  ...(key !== undefined && { key }),
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
