import type { ConcreteClass } from '../platform/fields.js';
import type { Json, JsonObject } from '../platform/json.js';
import { repeatedMembersIn } from '../platform/repeated-members.js';
import { truncate } from '../platform/text.js';
import { valueOfText } from '../platform/validate-object.js';
import { isIndex, pathOf, placeAt } from './field-paths.js';
import { reasonText, UserError } from './invocation.js';

/*
 * The fields of a command as arguments of the command line:
 *
 *   path=text      for example reason='On leave', points[0].issue=cold, points.0.issue=cold
 *   path=@file     the text of a file, without its last line end
 *   path=-         the text of standard input
 *   path:=JSON     a value as JSON, for example addressees:=[]; also path:=@file
 *
 * Text for a list adds an item, so that a path may be repeated: pointIds=p1 pointIds=p2.
 */

/** Where the text of `@file` and `-` comes from. */
export interface TextSources {
  file(path: string): Promise<string>;
  standardInput(): Promise<string>;
}

interface Argument {
  readonly path: string;
  readonly steps: readonly string[];
  readonly isJson: boolean;
  readonly value: Json;
}

/** A value, or the members of an object or a list. */
type Node = { readonly items: Json[]; readonly isJson: boolean } | { readonly members: Map<string, Node> };

/**
 * Builds the body of a command from arguments. Converts text to numbers, booleans and items of lists as the fields require;
 * does not validate the body.
 * @throws UserError
 */
export async function bodyOf(
  target: ConcreteClass,
  texts: readonly string[],
  sources: TextSources,
): Promise<JsonObject> {
  const root: Node = { members: new Map() };
  let inputIsRead = false;
  for (const text of texts) {
    const { path, operator, operand } = splitArgument(text);
    if (operand === '-') {
      if (inputIsRead) throw new UserError(`${path}: standard input can be read for one field only; use @file`);
      inputIsRead = true;
    }
    addTo(root, target, await argumentOf(path, operator, operand, sources));
  }
  return plainOf(root, target, []) as JsonObject;
}

function splitArgument(text: string) {
  const match = /^([^=]*?)(:?=)([^]*)$/.exec(text);
  if (match === null) throw new UserError(`${JSON.stringify(truncate(text, 60))} is not a field; write field=value`);
  const [, path = '', operator = '', operand = ''] = match;
  return { path, operator, operand };
}

async function argumentOf(path: string, operator: string, operand: string, sources: TextSources): Promise<Argument> {
  const steps = stepsOf(path);
  const isJson = operator === ':=';
  let text = operand;
  if (operand === '-') text = withoutLastLineEnd(await sources.standardInput());
  else if (operand.startsWith('@')) text = withoutLastLineEnd(await readFile(path, operand.slice(1), sources));
  return { path: pathOf(steps), steps, isJson, value: isJson ? parseJson(path, text) : text };
}

async function readFile(path: string, file: string, sources: TextSources): Promise<string> {
  try {
    return await sources.file(file);
  } catch (error) {
    const reason = error instanceof Error ? reasonText(error, file) : String(error);
    throw new UserError(`${path}: ${reason}; for text that begins with @, write ${path}:='"@…"'`, { cause: error });
  }
}

function parseJson(path: string, text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new UserError(`${path} is not JSON; for text, write ${path}=…`);
  }
  const repeated = repeatedMembersIn(text, value);
  if (repeated.length > 0) throw new UserError(repeated.map(({ message }) => `${path}: ${message}`).join('\n'));
  return value;
}

const withoutLastLineEnd = (text: string): string => text.replace(/\r?\n$/, '');

/** `points[0].issue` and `points.0.issue` become `points`, `0`, `issue`. */
function stepsOf(path: string): string[] {
  if (!/^[^.[\]]+(\.[^.[\]]+|\[\d{1,4}\])*$/.test(path))
    throw new UserError(`${JSON.stringify(path)} is not a path; write it like points[0].issue`);
  const steps = path.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  return steps.map((step) => (isIndex(step) ? String(Number(step)) : step));
}

function addTo(root: Node, target: ConcreteClass, { path, steps, isJson, value }: Argument): void {
  let node = root;
  for (const [index, step] of steps.entries()) {
    const before = steps.slice(0, index);
    if (!('members' in node)) throw new UserError(`${pathOf(before)} has a value, so ${path} cannot be added to it`);
    if (placeAt(target, before)?.items !== undefined && !isIndex(step))
      throw new UserError(`${pathOf(before)} is a list; write ${pathOf([...before, '0', ...steps.slice(index)])}`);
    const isLast = index === steps.length - 1;
    let next = node.members.get(step);
    if (next === undefined) {
      next = isLast ? { items: [], isJson } : { members: new Map() };
      node.members.set(step, next);
    }
    node = next;
  }
  const place = placeAt(target, steps);
  const isListOfTexts = !isJson && place?.items !== undefined;
  if ('members' in node || (node.items.length > 0 && !(isListOfTexts && !node.isJson)))
    throw new UserError(`${path} is given twice; give it once`);
  node.items.push(!isJson && place !== undefined ? valueOfText(place.type, value as string) : value);
}

function plainOf(node: Node, target: ConcreteClass, steps: readonly string[]): Json {
  const isList = placeAt(target, steps)?.items !== undefined;
  if (!('members' in node)) return isList && !node.isJson ? node.items : (node.items[0] ?? null);
  const plain = (step: string, member: Node): Json => plainOf(member, target, [...steps, step]);
  if (!isList) return Object.fromEntries([...node.members].map(([step, member]) => [step, plain(step, member)]));
  return Array.from({ length: node.members.size }, (_, index) => {
    const step = String(index);
    const member = node.members.get(step);
    if (member === undefined)
      throw new UserError(`${pathOf([...steps, step])} is missing; the items of a list are numbered from 0`);
    return plain(step, member);
  });
}
