import { REFERENCE } from '../../support/directory.js';
import { DEFAULT_HOUSE_RULES } from '../../../src/house-policy/rules.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { initial } from '../../../src/complaint/complaint.js';
import { unmetGuards, type Context } from '../../../src/complaint/decision.js';
import { initialProgress, type Progress } from '../../../src/complaint/progress.js';
import { initialSatisfaction, SATISFIED, UNSATISFIED } from '../../../src/complaint/satisfaction.js';
import { statusOf } from '../../../src/complaint/status.js';
import { complaintCommands, type CommandRow } from '../../../src/complaint/table.js';
import * as vocabulary from '../../../src/complaint/terms/vocabulary.js';
import { STAGE_WORDS, STATUS_WORDS } from '../../../src/complaint/terms/words.js';
import { labelOf } from '../../../src/api/code-lists/labels.js';
import '../../../src/complaint/commands/codes.js';
import { enumerationOf } from '../../../src/platform/enumerations.js';
import type { Language } from '../../../src/platform/language.js';
import { instant } from '../../../src/platform/moment.js';
import { root } from '../doc-snippets.js';
import { NOON, SUPERVISOR } from '../given.js';

/** The editions of the document by language. Tables between `<!-- printed: NAME -->` and `<!-- end -->` are generated. */
export const DOMAIN_DOCUMENTS: { readonly [language in Language]: string } = {
  en: join(root, 'docs', 'domain.md'),
  zh: join(root, 'docs', 'domain.zh.md'),
};

/** The words of the Chinese tables. */
const CHINESE: Readonly<Record<string, string>> = {
  stage: '阶段',
  en: '英文',
  zh: '中文',
  'before the determination': '认定之前',
  ended: '已办结',
  yes: '是',
  status: '状态',
  step: '步骤',
  command: '命令',
  meaning: '含义',
  'from stage': '可用阶段',
  'may emit': '可能产生的事件',
  'none yet': '尚未登记',
  any: '任意阶段',
  'any that has not ended': '任意未办结阶段',
  'nothing said': '未表态',
  'reopened as dissatisfied': '因不满意重新办理',
  'last word: dissatisfied': '最近表态：不满意',
  'something is owed': '有待兑现的措施',
  'last word: satisfied': '最近表态：满意',
  'type and field': '类型与字段',
  values: '取值',
  list: '代码表',
  codes: '代码',
};

/** A text of a table in the language of the edition. */
type Say = (text: string) => string;

const sayIn =
  (language: Language): Say =>
  (text) => {
    if (language === 'en') return text;
    const chinese = CHINESE[text];
    if (chinese === undefined) throw new Error(`there is no Chinese for ${text} in the tables of docs/domain.zh.md`);
    return chinese;
  };

const { BEFORE_DETERMINATION, END_STAGES, STAGES } = vocabulary;
/** Codes of guards that reject a command because of the stage of the complaint. */
const STAGE_CODES = ['not_received', 'already_received', 'not_open', 'wrong_stage', 'nothing_to_change'];

const TABLES: Readonly<Record<string, (say: Say, language: Language) => string>> = {
  stages,
  transitions,
  words,
  statuses,
  stateValues,
  codes,
};

/** The document with every table generated again. @throws Error for an unknown table name */
export const withCurrentTables = (document: string, language: Language = 'en'): string =>
  document.replace(
    /(<!-- printed: (\w+) -->\n\n)[^]*?(\n\n<!-- end -->)/g,
    (_all, begin: string, name, end: string) => {
      const printTable = TABLES[String(name)];
      if (printTable === undefined)
        throw new Error(`docs/domain.md names the table ${String(name)}; known tables: ${tableNames.join(', ')}`);
      return begin + printTable(sayIn(language), language) + end;
    },
  );

export const tableNames: readonly string[] = Object.keys(TABLES);

function stages(say: Say): string {
  const ended = (stage: vocabulary.Stage): string => (END_STAGES.includes(stage) ? say('yes') : '');
  const before = (stage: vocabulary.Stage): string => (BEFORE_DETERMINATION.includes(stage) ? say('yes') : '');
  const entries = STAGES.map((stage) => {
    const { en, zh } = STAGE_WORDS[stage];
    return [code(stage), en, zh, before(stage), ended(stage)];
  });
  return table(['stage', 'en', 'zh', 'before the determination', 'ended'].map(say), entries);
}

function words(say: Say): string {
  const entries = vocabulary.STATUSES.map((status) => {
    const { en, zh } = STATUS_WORDS[status];
    return [code(status), en, zh];
  });
  return table(['status', 'en', 'zh'].map(say), entries);
}

function transitions(say: Say, language: Language): string {
  const entries = complaintCommands.map((command) => [
    command.step,
    code(command.name),
    ...(language === 'en' ? [] : [labelOf('CommandName', command.name, language) ?? '']),
    stagesOf(command, say),
    command.events.map(code).join(', '),
  ]);
  const meaning = language === 'en' ? [] : ['meaning'];
  return table(['step', 'command', ...meaning, 'from stage', 'may emit'].map(say), entries);
}

/** The stages from which the guards allow a command, tried on a complaint that has a stage and no other data. */
function stagesOf({ decider }: CommandRow, say: Say): string {
  const context: Context = { now: NOON, occurredAt: instant(NOON), actor: SUPERVISOR, reference: REFERENCE };
  const allows = (stage: vocabulary.Stage | null): boolean =>
    !unmetGuards(decider, { ...initial('a'), stage, episode: stage === null ? 0 : 1 }, context).some((unmet) =>
      STAGE_CODES.includes(unmet.code),
    );
  const allowed = STAGES.filter(allows);
  if (allows(null)) return say('none yet');
  if (allowed.length === STAGES.length) return say('any');
  return allowed.join() === STAGES.filter((stage) => !END_STAGES.includes(stage)).join()
    ? say('any that has not ended')
    : allowed.map(code).join(', ');
}

function statuses(say: Say): string {
  const lastWord = (score: number): Partial<Progress> => ({
    satisfaction: { ...initialSatisfaction, words: [{ of: null, at: instant(NOON), score }] },
  });
  const owed: Partial<Progress> = { remedies: [{ remedyId: 'r1', status: 'InProgress', measures: [] }] };
  const columns: Partial<Progress>[] = [
    {},
    { satisfaction: { ...initialSatisfaction, reopenedAs: 'dissatisfied' } },
    lastWord(UNSATISFIED),
    owed,
    lastWord(SATISFIED),
  ];
  const entries = STAGES.map((stage) => [
    code(stage),
    ...columns.map((progress) =>
      code(statusOf({ ...initialProgress, episode: 1, stage, ...progress }, DEFAULT_HOUSE_RULES).status),
    ),
  ]);
  return table(
    [
      'stage',
      'nothing said',
      'reopened as dissatisfied',
      'last word: dissatisfied',
      'something is owed',
      'last word: satisfied',
    ].map(say),
    entries,
  );
}

/** The types and fields in state-types.ts that are a union of literals, with their values. */
function stateValues(say: Say): string {
  const path = join(root, 'src', 'complaint', 'state-types.ts');
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  /** One entry; none if the type is not a union of literals. */
  const entriesOf = (name: string, type: ts.TypeNode | undefined): string[][] => {
    if (type === undefined || !ts.isUnionTypeNode(type) || !type.types.every((member) => ts.isLiteralTypeNode(member)))
      return [];
    return [[code(name), type.types.map((literal) => code(literal.getText().replaceAll("'", ''))).join(', ')]];
  };
  const entries = source.statements.flatMap((statement) => {
    if (ts.isTypeAliasDeclaration(statement)) return entriesOf(statement.name.text, statement.type);
    if (!ts.isInterfaceDeclaration(statement)) return [];
    const fields = statement.members.filter(ts.isPropertySignature);
    return fields.flatMap((field) => entriesOf(`${statement.name.text}.${field.name.getText()}`, field.type));
  });
  return table(['type and field', 'values'].map(say), entries);
}

/** The lists that vocabulary.ts exports, with their codes. */
function codes(say: Say, language: Language): string {
  const separator = language === 'en' ? ', ' : '、';
  /** The code, in Chinese with its label, if its list has a name. */
  const labelled = (one: string, list: readonly string[]): string => {
    const label = language === 'en' ? undefined : labelOf(enumerationOf(list)?.name ?? '', one, language);
    return label === undefined ? code(one) : `${code(one)} ${label}`;
  };
  const entries = Object.entries<unknown>(vocabulary).flatMap(([name, list]) =>
    Array.isArray(list)
      ? [[code(name), list.map((one) => labelled(String(one), list as string[])).join(separator)]]
      : [],
  );
  return table(['list', 'codes'].map(say), entries);
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A Markdown table in the format of Prettier. */
function table(head: readonly string[], entries: readonly (readonly string[])[]): string {
  /** In columns: an East Asian character is two columns wide. */
  const widthOf = (cell: string): number => cell.length + (cell.match(/[\u2e80-\uffff]/g)?.length ?? 0);
  const widths = head.map((title, column) =>
    Math.max(3, ...[title, ...entries.map((entry) => entry[column] ?? '')].map(widthOf)),
  );
  const line = (cells: readonly string[], fill: string): string => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? '';
      return cell + fill.repeat(width - widthOf(cell));
    });
    return `| ${padded.join(' | ')} |`;
  };
  return [line(head, ' '), line([], '-'), ...entries.map((entry) => line(entry, ' '))].join('\n');
}
