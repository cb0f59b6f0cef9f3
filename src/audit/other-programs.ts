import { COMPLAINT_STREAMS } from '../complaint/complaint-record.js';
import { STORE_STREAM } from '../eventstore/store-header.js';
import { BATCH_STREAMS } from '../intake-batch/events.js';

/** Whether the stream name is one that Redress uses. Other programs may use all other names. */
export const isRedressStream = (stream: string): boolean =>
  stream === STORE_STREAM || stream.startsWith(COMPLAINT_STREAMS) || stream.startsWith(BATCH_STREAMS);

/** Events of other programs in the same log. Verification counts them and does not verify them. */
export interface OtherPrograms {
  readonly events: number;
  /** The first 20 categories, in log order. A category is the part of a stream name before its first hyphen. */
  readonly categories: readonly string[];
  /** Present if there are more than 20 categories. */
  readonly moreCategories?: true;
}

/** Limits the size of the result: every stream could be a separate category. */
const MAX_CATEGORIES = 20;

/** Counts the events of other programs and collects their categories. */
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
