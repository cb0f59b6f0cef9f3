import { COMPLAINT_STREAMS } from '../complaint/complaint-record.js';
import { STORE_STREAM } from '../eventstore/store-header.js';
import { BATCH_STREAMS } from '../intake-batch/events.js';

/** Whether Redress keeps its events in a stream of this name; other programs may use every other name. */
export const isRedressStream = (stream: string): boolean =>
  stream === STORE_STREAM || stream.startsWith(COMPLAINT_STREAMS) || stream.startsWith(BATCH_STREAMS);

/** Events of other programs in the same log. They are counted and not verified. */
export interface OtherPrograms {
  readonly events: number;
  /** The first categories in log order. A category is the name of a stream up to its first hyphen. */
  readonly categories: readonly string[];
  /** Present if there are more categories than these. */
  readonly moreCategories?: true;
}

/** Bounds the result where every stream is a category of its own. */
const MAX_CATEGORIES = 20;

/** Counts events of other programs. */
export class OtherProgramsCount {
  private events = 0;
  private moreCategories = false;
  private readonly categories = new Set<string>();

  add(stream: string): void {
    this.events += 1;
    const [category = stream] = stream.split('-', 1);
    if (this.categories.size < MAX_CATEGORIES) this.categories.add(category);
    else if (!this.categories.has(category)) this.moreCategories = true;
  }

  /** Undefined if there are none. */
  get result(): OtherPrograms | undefined {
    if (this.events === 0) return undefined;
    const { events, categories } = this;
    return { events, categories: [...categories], ...(this.moreCategories && { moreCategories: true }) };
  }
}
