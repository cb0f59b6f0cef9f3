import {
  Code,
  Currency,
  Day,
  Flag,
  Identifier,
  List,
  Name,
  Nested,
  Text,
  When,
  Whole,
  Zone,
} from '../../src/platform/fields.js';
import type { Moment } from '../../src/platform/moment.js';
import { validateObject } from '../../src/platform/validate-object.js';

/* Example classes: a trip with its legs. */

export class Leg {
  @Identifier()
  readonly from!: string;
  @Text({ max: 5, optional: true })
  readonly note?: string;
}

class Stop {
  @When()
  readonly at!: Moment;
}

abstract class Journey {
  @When({ optional: true })
  readonly at?: Moment;
}

export class Trip extends Journey {
  @Text({ max: 10 })
  readonly title!: string;
  @Text({ max: 4, each: true, optional: true })
  readonly tags?: string[];
  @Identifier({ each: true, min: 1, max: 2, optional: true })
  readonly crew?: string[];
  @Code(['car', 'train'], { optional: true, formerCodes: { railway: 'train' }, formerName: 'via' })
  readonly by?: string;
  @Whole({ min: 0, max: 9, optional: true })
  readonly seats?: number;
  @Flag({ optional: true })
  readonly paid?: boolean;
  @Nested(() => Leg, { optional: true })
  readonly first?: Leg;
  @Nested(() => Stop, { optional: true })
  readonly stop?: Stop;
  @List(() => Leg, { min: 1, max: 3, optional: true })
  readonly legs?: Leg[];
  @Text({ max: 3, form: { pattern: /^[A-Z]{3}$/, name: 'three capital letters' }, optional: true })
  readonly currency?: string;
  @Name({ max: 10, optional: true })
  readonly shop?: string;
  @Day({ optional: true })
  readonly on?: string;
  @Zone({ optional: true })
  readonly in?: string;
  @Currency({ optional: true })
  readonly money?: string;
}

export const parse = (json: string): unknown => JSON.parse(json);
export const validateTrip = (fields: object) => validateObject(Trip, { title: 'home', ...fields });
/** Pointer and code of each error of a trip. */
export const errorsOf = (plain: unknown) => {
  const result = validateObject(Trip, plain);
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
};
