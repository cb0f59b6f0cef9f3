import type { ConcreteClass } from '../platform/fields.js';
import type { JsonObject } from '../platform/json.js';
import { codesOf, kindOf, MAX_LISTED_CODES, pathOf, placeAt, isIndex } from './field-paths.js';
import { checkBody, problemOfValue, valueOfAnswer, withValue, type MissingField } from './missing-fields.js';

/** Asks the person at the terminal. */
export interface Prompter {
  /** Asks until `problemOf` finds no problem in the answer. An empty answer means `initial`. */
  text(question: string, problemOf: (answer: string) => string | undefined, initial?: string): Promise<string>;
  choose(question: string, codes: readonly string[]): Promise<string>;
  confirm(question: string, initial: boolean): Promise<boolean>;
}

/**
 * Asks for each required field that the body lacks, and for further items of a list that was missing.
 * @param now proposed for a time: RFC 3339 with offset
 */
export async function askForMissing(
  target: ConcreteClass,
  given: JsonObject,
  prompter: Prompter,
  now: string,
): Promise<JsonObject> {
  let list: readonly string[] | undefined; // the list whose items are being asked for
  for (let body = given; ;) {
    const checked = checkBody(target, body);
    body = checked.body;
    const [next] = checked.missing;
    if (list !== undefined && !isWithin(next, list)) {
      const count = itemsAt(body, list).length;
      const isFull = count >= (placeAt(target, list)?.items?.max ?? 0);
      if (!isFull && (await prompter.confirm(`another item of ${pathOf(list)}?`, false))) {
        body = withValue(body, [...list, String(count)], {});
        continue;
      }
      list = undefined;
    }
    if (next === undefined) return body;
    const number = next.steps.findIndex(isIndex);
    const listOfNext = next.steps.slice(0, number);
    if (number > 0 && itemsAt(given, listOfNext).length === 0) list = listOfNext;
    body = withValue(body, next.steps, await ask(target, body, next, prompter, now));
  }
}

const isWithin = (field: MissingField | undefined, list: readonly string[]): boolean =>
  field !== undefined && list.every((step, index) => field.steps[index] === step);

function itemsAt(body: JsonObject, steps: readonly string[]): readonly unknown[] {
  const value = steps.reduce<unknown>(
    (at, step) => (at as Readonly<Record<string, unknown>> | undefined)?.[step],
    body,
  );
  return Array.isArray(value) ? value : [];
}

async function ask(target: ConcreteClass, body: JsonObject, field: MissingField, prompter: Prompter, now: string) {
  const { path, place } = field;
  const { type, items, description } = place;
  const codes = type.kind === 'boolean' ? ['true', 'false'] : codesOf(type);
  const answer =
    items === undefined && codes !== undefined && codes.length <= MAX_LISTED_CODES
      ? await prompter.choose([path, description].filter(Boolean).join(': '), codes)
      : await prompter.text(
          `${path}: ${[description, questionKind(place)].filter(Boolean).join('; ')}`,
          (typed) => problemOfValue(target, body, field, valueOfAnswer(place, typed)),
          type.kind === 'moment' ? now : undefined,
        );
  return valueOfAnswer(place, answer);
}

/** A day needs two values, so a question accepts only a time. */
function questionKind(place: MissingField['place']): string {
  if (place.type.kind === 'moment') return 'time with offset';
  return place.items === undefined ? kindOf(place) : `${kindOf(place)}, separated by commas`;
}
