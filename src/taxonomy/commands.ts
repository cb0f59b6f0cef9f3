import { Identifier, List, Schema, Text, When } from '../platform/fields.js';
import type { Moment } from '../platform/moment.js';
import type { TaxonomyCode, TaxonomyList } from './code-lists.js';

@Schema({ summary: 'A code of a list' })
export class CodeOfList implements Omit<TaxonomyCode, 'replaces'> {
  @Text({ max: 200, description: 'The code', example: 'minibar' })
  readonly code!: string;
  @Text({ max: 200, optional: true, description: 'English label', example: 'Minibar' })
  readonly en?: string;
  @Text({ max: 200, optional: true, description: 'Chinese label', example: '迷你吧' })
  readonly zh?: string;
  @Text({ max: 200, each: true, optional: true, description: 'Codes of earlier versions that are read as this one' })
  readonly replaces?: readonly string[];
}

@Schema({ summary: 'A list of codes' })
export class ListOfCodes implements Omit<TaxonomyList, 'codes'> {
  @Identifier({ description: 'Name of the list: category, issue, subIssue or product', example: 'issue' })
  readonly name!: string;
  @List(() => CodeOfList, { min: 1, max: 5000, description: 'Its codes; replaces the whole list' })
  readonly codes!: readonly CodeOfList[];
}

@Schema({
  summary: 'Publish a version of the taxonomy; lists that are not given stay as they are',
  example: { lists: [{ name: 'issue', codes: [{ code: 'minibar', en: 'Minibar', zh: '迷你吧', replaces: ['bar'] }] }] },
})
export class PublishTaxonomy {
  @When({ optional: true, description: 'From when on records are classified by this version; default: now' })
  readonly effectiveFrom?: Moment;
  @Text({ max: 2000, optional: true, description: 'Why the lists change' })
  readonly note?: string;
  @List(() => ListOfCodes, { min: 1, max: 50, description: 'The lists that change' })
  readonly lists!: readonly ListOfCodes[];
}
