import { isBuiltBy } from '../projection/collections.js';
import type { Projection } from '../projection/projection.js';
import { NotBuilt } from '../readmodels/active-model.js';
import { NotYetVisible, UnknownCollection, type Document, type ReadModels } from '../readmodels/read-models.js';
import { PERSONAL_KINDS } from './personal-values.js';
import { TERMS_INDEX, type IndexedComplaint } from './projection.js';
import {
  CursorInvalid,
  NotSearchable,
  type SearchedValues,
  type SearchMatches,
  type SearchPage,
  type SubjectIndex,
} from './subject-index.js';
import type { Terms } from './terms.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** Number of candidates that are read at once when several terms must match. */
const CANDIDATES_PER_READ = 500;
/** Maximum number of reads for one page: a page that is not full then has a cursor. */
const MAX_READS = 4;

type Candidate = Document & IndexedComplaint;

/** The index in a store of documents: one document for each complaint, which has its terms. */
export class DocumentSubjectIndex implements SubjectIndex {
  constructor(
    private readonly readModels: Pick<ReadModels, 'loadModel' | 'find' | 'count'>,
    private readonly projection: Pick<Projection, 'name' | 'version' | 'variant'>,
    private readonly terms: Terms,
  ) {}

  async search(values: SearchedValues, { cursor, limit = DEFAULT_LIMIT }: SearchPage = {}): Promise<SearchMatches> {
    const terms = this.termsOf(values);
    const after = cursor === undefined ? undefined : parseCursor(cursor);
    const size = Math.max(1, Math.min(MAX_LIMIT, limit));
    const page = (): Promise<SearchMatches> => this.page(terms, size, after);
    return page().catch((error: unknown) => {
      if (error instanceof UnknownCollection) return page(); // a rebuild has replaced the collection meanwhile
      throw error;
    });
  }

  /** Reads the complaints with the rarest term, and keeps those with all others. */
  private async page(
    terms: readonly string[],
    limit: number,
    after: readonly string[] | undefined,
  ): Promise<SearchMatches> {
    const collection = await this.collection();
    const [first = '', ...others] = await this.rarestFirst(collection, terms);
    const perRead = others.length === 0 ? limit + 1 : Math.max(limit + 1, CANDIDATES_PER_READ);
    const matches: Candidate[] = [];
    let last: Candidate | undefined;
    for (let read = 0; read < MAX_READS; read += 1) {
      const candidates = (await this.readModels.find(collection, {
        filter: { terms: first },
        sort: { recorded: -1 },
        limit: perRead,
        index: TERMS_INDEX,
        ...(last !== undefined ? { after: sortKey(last) } : after !== undefined && { after }),
      })) as Candidate[];
      matches.push(...candidates.filter((candidate) => others.every((term) => candidate.terms.includes(term))));
      const isLastRead = candidates.length < perRead;
      if (matches.length > limit || isLastRead) return pageOf(matches, limit);
      last = candidates.at(-1);
    }
    return { ids: matches.map(({ _id }) => _id), next: last === undefined ? null : cursorOf(last) };
  }

  /** Counts no further than to the number of candidates of one page; terms that all have more keep their order. */
  private async rarestFirst(collection: string, terms: readonly string[]): Promise<readonly string[]> {
    if (terms.length === 1) return terms;
    const limits = { limit: MAX_READS * CANDIDATES_PER_READ + 1, index: TERMS_INDEX };
    const counted = await Promise.all(
      terms.map(async (term) => ({ term, count: await this.readModels.count(collection, { terms: term }, limits) })),
    );
    return counted.sort((a, b) => a.count - b.count).map(({ term }) => term);
  }

  /** The terms that all must match, each once, the most selective kind first. @throws NotSearchable */
  private termsOf(values: SearchedValues): string[] {
    const given = PERSONAL_KINDS.flatMap((kind) => {
      const text = values[kind];
      return text === undefined ? [] : [{ kind, terms: this.terms.ofSearched({ kind, text }) }];
    });
    if (given.length === 0) throw new RangeError('a search needs at least one value');
    const unusable = given.filter(({ terms }) => terms.length === 0).map(({ kind }) => kind);
    if (unusable.length > 0) throw new NotSearchable(unusable);
    return [...new Set(given.flatMap(({ terms }) => terms))];
  }

  /** The live collection. @throws NotYetVisible if there is none, or if it has the terms of another variant */
  private async collection(): Promise<string> {
    const { name } = this.projection;
    const live = (await this.readModels.loadModel(name))?.live;
    if (live == null) throw new NotBuilt(name);
    if (isBuiltBy(this.projection, live)) return live;
    throw new NotYetVisible(
      'the index of personal values was built with another key or phone region and is being built anew; if this lasts, ' +
        'the processes have different keys or settings',
    );
  }
}

function pageOf(matches: readonly Candidate[], limit: number): SearchMatches {
  const page = matches.slice(0, limit);
  const last = page.at(-1);
  return {
    ids: page.map(({ _id }) => _id),
    next: last !== undefined && matches.length > limit ? cursorOf(last) : null,
  };
}

const sortKey = ({ recorded, _id }: Candidate): string[] => [recorded, _id];

const cursorOf = (complaint: Candidate): string =>
  Buffer.from(JSON.stringify(sortKey(complaint))).toString('base64url');

/** @throws CursorInvalid */
function parseCursor(cursor: string): string[] {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new CursorInvalid();
  }
  const [recorded, id, ...others] = Array.isArray(key) ? (key as readonly unknown[]) : [];
  const isKey = typeof recorded === 'string' && /^[0-9/]{1,64}$/.test(recorded);
  if (!isKey || typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id) || others.length > 0) throw new CursorInvalid();
  return [recorded, id];
}
