import type { Unmet } from '../complaint/decision.js';
import { IDEMPOTENCY_KEY } from '../platform/http/headers.js';
import { parseJson } from '../platform/http/body-parser.js';
import { Problem } from '../platform/http/problem.js';
import { truncate } from '../platform/text.js';
import { MAX_ERRORS, pointerStep } from '../platform/validate-object.js';
import type { BulkCommand } from './command-sender.js';
import { MAX_LINE_BYTES, type RawLine } from './lines.js';

/** A line with the form of a command; its `body` is validated later. */
export interface CommandLine extends BulkCommand {
  /** Members of the line, not of `data`, that the body has. */
  readonly inLine: readonly string[];
}

/** A line without the form of a command, and the reasons. */
export interface UnusableLine {
  readonly key?: string;
  readonly code: string;
  readonly errors: readonly Unmet[];
}

/** Fields of every command that may be members of the line. */
const BODY_MEMBERS = ['occurredAt', 'onBehalfOf'];
const LINE_MEMBERS = ['command', 'key', 'complaint', ...BODY_MEMBERS, 'data'];
const LODGING = 'LodgeComplaint';

/** Maximum characters of an id, a reference or a key that names a complaint. */
const MAX_NAME_LENGTH = 500;

/** Parses a line `{"command", "key", "complaint"?, "occurredAt"?, "onBehalfOf"?, "data"}`; checks everything except the data. */
export function readLine({ bytes }: RawLine): CommandLine | UnusableLine {
  if (bytes === undefined)
    return unusable('line_too_long', [
      { code: 'line_too_long', message: `the line has more than ${String(MAX_LINE_BYTES)} bytes; send a shorter line` },
    ]);
  let value: unknown;
  try {
    value = parseJson(bytes);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return unusable(error.code, error.extensions.errors ?? [{ code: error.code, message: error.detail }]);
  }
  if (!isObject(value))
    return unusable('wrong_type', [{ code: 'wrong_type', message: 'a line must be a JSON object', pointer: '' }]);
  const { command, key, complaint, data } = value;
  const inLine = BODY_MEMBERS.filter((name) => value[name] !== undefined);
  const errors: Unmet[] = [];
  const addError = (member: string, code: string, message: string): void => {
    const pointer = `/${pointerStep(member)}`;
    if (errors.length < MAX_ERRORS) errors.push({ pointer, code, message: `${member} ${message}` });
  };
  for (const name of Object.keys(value))
    if (!LINE_MEMBERS.includes(name))
      addError(truncate(name, 200), 'unknown_field', 'is not a member of a line; remove it');
  if (typeof command !== 'string')
    addError('command', command === undefined ? 'missing' : 'wrong_type', 'must name a command');
  const validKey = typeof key === 'string' && IDEMPOTENCY_KEY.test(key) ? key : undefined;
  if (validKey === undefined)
    addError('key', key === undefined ? 'missing' : 'wrong_form', 'must be 1 to 128 visible ASCII characters');
  const isName =
    typeof complaint === 'string' &&
    complaint !== '' &&
    complaint.length <= MAX_NAME_LENGTH &&
    complaint.isWellFormed();
  const complaintName = isName ? complaint : undefined;
  if (complaint !== undefined && complaintName === undefined)
    addError('complaint', 'wrong_form', 'must be an id, a reference, or the key of the lodging line');
  else if (command === LODGING && complaintName !== undefined && complaintName !== validKey)
    addError('complaint', 'unknown_field', 'must be absent from a lodging, because the service assigns the id');
  if (!isObject(data)) addError('data', data === undefined ? 'missing' : 'wrong_type', 'must be an object');
  else
    for (const name of inLine.filter((member) => member in data))
      errors.push({
        pointer: `/data/${name}`,
        code: 'given_twice',
        message: `${name} is given both in the line and in data; remove one of them`,
      });
  if (errors.length > 0 || typeof command !== 'string' || validKey === undefined || !isObject(data))
    return unusable('validation_failed', errors, validKey);
  return {
    command,
    key: validKey,
    ...(command !== LODGING && complaintName !== undefined && { complaint: complaintName }),
    body: { ...data, ...Object.fromEntries(inLine.map((name) => [name, value[name]])) },
    inLine,
  };
}

export const isUnusable = (line: CommandLine | UnusableLine): line is UnusableLine => 'errors' in line;

/**
 * Converts a JSON pointer into the command to one into the line: adds `/data`, except for what is a member of the
 * line.
 */
export const pointerInLine = (pointer: string, { inLine }: CommandLine): string =>
  inLine.includes(pointer.split('/')[1] ?? '') ? pointer : `/data${pointer}`;

const unusable = (code: string, errors: readonly Unmet[], key?: string): UnusableLine => ({
  code,
  errors,
  ...(key !== undefined && { key }),
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
