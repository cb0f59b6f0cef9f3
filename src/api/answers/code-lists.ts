import { AnyText, ListOf } from '../../platform/answer-fields.js';
import { Schema } from '../../platform/fields.js';

@Schema({ summary: 'A code with its label' })
export class LabelledCode {
  @AnyText({ description: 'The code, as in requests and answers', example: 'messaging_app' })
  readonly code!: string;
  @AnyText({ description: 'What people read', example: '即时通讯（微信、小程序）' })
  readonly label!: string;
}

@Schema({ summary: 'A list of codes with their labels' })
export class CodeList {
  @AnyText({ description: 'Name of the list, as in this document', example: 'Channel' })
  readonly name!: string;
  @AnyText({ description: 'What the codes say', example: 'How people and organisation communicate' })
  readonly description!: string;
  @ListOf(() => LabelledCode, { description: 'The codes, in the order of the list' })
  readonly codes!: readonly LabelledCode[];
}

@Schema({ summary: 'Code lists, ordered by name' })
export class CodeLists {
  @ListOf(() => CodeList, { description: 'The lists' })
  readonly lists!: readonly CodeList[];
}
