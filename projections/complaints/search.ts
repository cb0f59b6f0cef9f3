import type { Collection, Stored } from '../../src/readmodels/active-model.js';
import type { Filter, IndexSpec } from '../../src/readmodels/read-models.js';
import { allOf, meets, type Criterion } from './criteria.js';
import { DEFAULT_SORT, indexOfDate, type DateBasis } from './filters.js';
import type { ComplaintEntry } from './projection.js';

/**
 * Maximum number of complaints that the store examines for one page, and for one count. It is large enough for one filter
 * and any sort among a million complaints: if more than 7,500 match the filter, so do on average 56 of any 7,500, which
 * fill a page of 50.
 */
export const MAX_EXAMINED = 7_500;
/** If every index leads to more than {@link MAX_EXAMINED} complaints, they are counted up to this multiple of it. */
const CLOSER_LOOK = 10;
/** A count stops at this number. */
export const MAX_COUNT = 10_000;

/** The sort key of a complaint: the date that the query sorts by, and the id. */
export type SortKey = readonly [date: string, id: string];

/** How many complaints match. With `atLeast` there may be more. */
export interface Matches {
  readonly value: number;
  readonly atLeast: boolean;
}

/** Too few of the complaints that the store would examine match, so that filling a page would take too long. */
export class QueryTooBroad extends Error {
  override readonly name = 'QueryTooBroad';
}

/** One way to read all complaints that a query asks for: through an index, in one or more parts. */
interface Path {
  /** The parameters that the index takes into account; empty if it has all complaints. */
  readonly parameters: readonly string[];
  readonly index: IndexSpec['fields'];
  /** The order in which the index has the complaints of each part. */
  readonly order: DateBasis;
  /** The filter of each part, which only the index evaluates. */
  readonly parts: readonly Filter[];
  /** The conditions that the store tests on each complaint of a part, with their parameters. */
  readonly tested: readonly { readonly parameter: string; readonly filter: Filter }[];
}

/** A path with the number of its complaints, up to a limit. */
interface SizedPath extends Path {
  readonly size: number;
}

/**
 * Finds complaints through the index that is best for the query, with a bound on the work. If one of the indexes leads to
 * fewer than `maxExamined` complaints, the smallest of these is read. Otherwise the store reads the smallest index that has
 * the order of the query, until the page is full, and at most `maxExamined` complaints.
 */
export class Search {
  private chosen: Promise<SizedPath> | undefined;

  constructor(
    private readonly entries: Collection<ComplaintEntry>,
    private readonly criteria: readonly Criterion[],
    private readonly sort: DateBasis,
    private readonly direction: 1 | -1,
    private readonly maxExamined = MAX_EXAMINED,
  ) {}

  /** Up to `limit` complaints after a sort key, in order. @throws QueryTooBroad */
  async page(limit: number, after: SortKey | undefined): Promise<Stored<ComplaintEntry>[]> {
    const path = await this.choose();
    const { sort, direction } = this;
    const isBounded = path.tested.length > 0 && path.size >= this.maxExamined;
    const end = isBounded ? await this.lastExamined(path, after) : undefined;
    const bound = end === undefined ? [] : [this.upTo(end)];
    const pages = await Promise.all(
      path.parts.map((part) =>
        this.entries.find({
          filter: allOf([part, ...path.tested.map(({ filter }) => filter), ...bound]),
          sort: { [sort]: direction, _id: direction },
          limit,
          index: path.index,
          ...(after !== undefined && { after }),
        }),
      ),
    );
    const found = pages.length === 1 ? pages.flat() : pages.flat().sort((a, b) => this.compare(a, b));
    if (end !== undefined && found.length < limit) throw this.tooBroad(path);
    return found.slice(0, limit);
  }

  /** The number of complaints; stops at {@link MAX_COUNT}. */
  async count(): Promise<Matches> {
    const path = await this.choose();
    const isBounded = path.tested.length > 0 && path.size >= this.maxExamined;
    const end = isBounded ? await this.lastExamined(path, undefined) : undefined;
    const bound = end === undefined ? [] : [this.upTo(end)];
    const tested = path.tested.map(({ filter }) => filter);
    let value = 0;
    for (const part of path.parts) {
      const limit = MAX_COUNT + 1 - value;
      if (limit > 0)
        value += await this.entries.count(allOf([part, ...tested, ...bound]), { limit, index: path.index });
    }
    return { value: Math.min(value, MAX_COUNT), atLeast: end !== undefined || value > MAX_COUNT };
  }

  private choose(): Promise<SizedPath> {
    this.chosen ??= this.chooseOf(this.paths());
    return this.chosen;
  }

  private async chooseOf(paths: readonly Path[]): Promise<SizedPath> {
    const { maxExamined } = this;
    const inOrder = paths.filter(({ order }) => order === this.sort);
    const complete = inOrder.find(({ tested }) => tested.length === 0);
    if (complete !== undefined) return { ...complete, size: maxExamined };
    const smallest = await this.smallest(paths, maxExamined);
    if (smallest.size < maxExamined) return smallest;
    return inOrder.length > 1
      ? this.smallest(inOrder, CLOSER_LOOK * maxExamined)
      : { ...(inOrder[0] ?? smallest), size: maxExamined };
  }

  /** The path with the fewest complaints, which are counted up to a limit. */
  private async smallest(paths: readonly Path[], limit: number): Promise<SizedPath> {
    const sized = await Promise.all(paths.map(async (path) => ({ ...path, size: await this.sizeOf(path, limit) })));
    return sized.reduce((one, other) => (other.size < one.size ? other : one));
  }

  /** The ways to read the complaints of the query. The last one reads the index of the sort. */
  private paths(): Path[] {
    const { criteria, sort } = this;
    const received = criteria.find(({ parameter }) => parameter === DEFAULT_SORT);
    const paths = criteria.map(({ parameter, anyOf, index, order }, at): Path => {
      // the index of a filter has the complaints in the order of receipt, so it leads to those of a span of receipt too
      const isWithReceived = received !== undefined && order === DEFAULT_SORT && parameter !== DEFAULT_SORT;
      const tested = criteria.filter((other, position) => position !== at && !(isWithReceived && other === received));
      return {
        parameters: [parameter, ...(isWithReceived ? [DEFAULT_SORT] : [])],
        index,
        order,
        parts: anyOf.map((filter) => allOf([filter, ...(isWithReceived ? [meets(received)] : [])])),
        tested: [...tested.map(asTested), ...(order === sort ? [] : [{ parameter: sort, filter: hasDate(sort) }])],
      };
    });
    if (criteria.some(({ parameter }) => parameter === sort)) return paths;
    const all: Path = {
      parameters: [],
      index: indexOfDate(sort),
      order: sort,
      parts: [hasDate(sort)],
      tested: criteria.map(asTested),
    };
    return [...paths, all];
  }

  private async sizeOf({ parameters, parts, index }: Path, limit: number): Promise<number> {
    if (parameters.length === 0) return limit;
    let size = 0;
    for (const part of parts) if (size < limit) size += await this.entries.count(part, { limit: limit - size, index });
    return size;
  }

  /** The sort key of the last complaint to examine, in the order of the path; undefined if there are no more. */
  private async lastExamined({ parts, index }: Path, after: SortKey | undefined): Promise<SortKey | undefined> {
    const { sort, direction } = this;
    const share = Math.max(1, Math.floor(this.maxExamined / parts.length));
    const last = await Promise.all(
      parts.map((part) =>
        this.entries.find({
          filter: part,
          sort: { [sort]: direction, _id: direction },
          skip: share - 1,
          limit: 1,
          index,
          ...(after !== undefined && { after }),
        }),
      ),
    );
    const [first] = last.flat().sort((a, b) => this.compare(a, b));
    return first && this.keyOf(first);
  }

  /** The filter for complaints up to a sort key. */
  private upTo([date, id]: SortKey): Filter {
    const { sort, direction } = this;
    const [before, upTo] = direction === 1 ? ['$lt', '$lte'] : ['$gt', '$gte'];
    return {
      [sort]: { [upTo]: date },
      $or: [{ [sort]: { [before]: date } }, { [sort]: date, _id: { [upTo]: id } }],
    };
  }

  /** The sort key of a complaint that the query found. */
  keyOf(entry: Stored<ComplaintEntry>): SortKey {
    return [entry[this.sort] ?? '', entry._id];
  }

  private tooBroad({ parameters, tested }: Path): QueryTooBroad {
    const examined = parameters.length === 0 ? 'complaints' : `complaints with this ${parameters.join(' and ')}`;
    const others = [...new Set(tested.map(({ parameter }) => parameter))].join(' and ');
    return new QueryTooBroad(
      `too few of the first ${String(this.maxExamined)} ${examined} also have this ${others}; ` +
        'narrow the query with dates, such as receivedFrom and receivedTo, or with a filter that fewer complaints match',
    );
  }

  private compare(a: Stored<ComplaintEntry>, b: Stored<ComplaintEntry>): number {
    const [[dateA, idA], [dateB, idB]] = [this.keyOf(a), this.keyOf(b)];
    if (dateA === dateB) return (idA < idB ? -1 : 1) * this.direction;
    return (dateA < dateB ? -1 : 1) * this.direction;
  }
}

const asTested = (criterion: Criterion): Path['tested'][number] => ({
  parameter: criterion.parameter,
  filter: meets(criterion),
});

/** Every complaint has the dates of receipt and of recording; of the others only those with the date are listed. */
const hasDate = (basis: DateBasis): Filter => ({ [basis]: { $gte: '' } });
