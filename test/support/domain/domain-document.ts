import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { initial } from '../../../src/complaint/complaint.js';
import { DEFAULT_SETTINGS, unmetGuards, type Context } from '../../../src/complaint/decision.js';
import { initialProgress, SATISFIED, UNSATISFIED, type Progress } from '../../../src/complaint/progress.js';
import { statusOf } from '../../../src/complaint/status.js';
import { complaintCommands, type CommandRow } from '../../../src/complaint/table.js';
import * as vocabulary from '../../../src/complaint/terms/vocabulary.js';
import { STAGE_WORDS, STATUS_WORDS } from '../../../src/complaint/terms/words.js';
import { instant } from '../../../src/platform/moment.js';
import { root } from '../doc-snippets.js';
import { NOON, SUPERVISOR } from '../given.js';

/** docs/domain.md. The tables between `<!-- printed: NAME -->` and `<!-- end -->` are generated from the code. */
export const DOMAIN_DOCUMENT = join(root, 'docs', 'domain.md');

const { BEFORE_DETERMINATION, END_STAGES, STAGES } = vocabulary;
/** Codes of guards that reject a command because of the stage of the complaint. */
const STAGE_CODES = ['not_received', 'already_received', 'not_open', 'wrong_stage', 'nothing_to_change'];

const TABLES: Readonly<Record<string, () => string>> = { stages, transitions, words, statuses, stateValues, codes };

/** The document with every table generated again. @throws Error for an unknown table name */
export const withCurrentTables = (document: string): string =>
  document.replace(
    /(<!-- printed: (\w+) -->\n\n)[^]*?(\n\n<!-- end -->)/g,
    (_all, begin: string, name, end: string) => {
      const printTable = TABLES[String(name)];
      if (printTable === undefined)
        throw new Error(`docs/domain.md names the table ${String(name)}; known tables: ${tableNames.join(', ')}`);
      return begin + printTable() + end;
    },
  );

export const tableNames: readonly string[] = Object.keys(TABLES);

function stages(): string {
  const ended = (stage: vocabulary.Stage): string => (END_STAGES.includes(stage) ? 'yes' : '');
  const before = (stage: vocabulary.Stage): string => (BEFORE_DETERMINATION.includes(stage) ? 'yes' : '');
  const entries = STAGES.map((stage) => {
    const { en, zh } = STAGE_WORDS[stage];
    return [code(stage), en, zh, before(stage), ended(stage)];
  });
  return table(['stage', 'en', 'zh', 'before the determination', 'ended'], entries);
}

function words(): string {
  const entries = vocabulary.STATUSES.map((status) => {
    const { en, zh } = STATUS_WORDS[status];
    return [code(status), en, zh];
  });
  return table(['status', 'en', 'zh'], entries);
}

function transitions(): string {
  const entries = complaintCommands.map((command) => [
    command.step,
    code(command.name),
    stagesOf(command),
    command.events.map(code).join(', '),
  ]);
  return table(['step', 'command', 'from stage', 'may emit'], entries);
}

/** The stages from which the guards allow a command, tried on a complaint that has a stage and no other data. */
function stagesOf({ decider }: CommandRow): string {
  const context: Context = { now: NOON, occurredAt: instant(NOON), actor: SUPERVISOR, settings: DEFAULT_SETTINGS };
  const allows = (stage: vocabulary.Stage | null): boolean =>
    !unmetGuards(decider, { ...initial('a'), stage, episode: stage === null ? 0 : 1 }, context).some((unmet) =>
      STAGE_CODES.includes(unmet.code),
    );
  const allowed = STAGES.filter(allows);
  if (allows(null)) return 'none yet';
  if (allowed.length === STAGES.length) return 'any';
  return allowed.join() === STAGES.filter((stage) => !END_STAGES.includes(stage)).join()
    ? 'any that has not ended'
    : allowed.map(code).join(', ');
}

function statuses(): string {
  const latestStatement = (score: number): Partial<Progress> => ({ lastWord: { at: instant(NOON), score } });
  const columns: Partial<Progress>[] = [
    { episode: 1 },
    { episode: 2 },
    latestStatement(SATISFIED),
    latestStatement(UNSATISFIED),
  ];
  const entries = STAGES.map((stage) => [
    code(stage),
    ...columns.map((progress) =>
      code(statusOf({ ...initialProgress, episode: 1, stage, ...progress }, DEFAULT_SETTINGS).status),
    ),
  ]);
  return table(
    ['stage', 'first episode', 'reopened', 'latest statement: satisfied', 'latest statement: dissatisfied'],
    entries,
  );
}

/** The types and fields in state-types.ts that are a union of literals, with their values. */
function stateValues(): string {
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
  return table(['type and field', 'values'], entries);
}

/** The lists that vocabulary.ts exports, with their codes. */
function codes(): string {
  const entries = Object.entries<unknown>(vocabulary).flatMap(([name, list]) =>
    Array.isArray(list) ? [[code(name), list.map(String).map(code).join(', ')]] : [],
  );
  return table(['list', 'codes'], entries);
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
