import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { initial } from '../../../src/complaint/complaint.js';
import { DEFAULT_SETTINGS, unmetGuards, type Context } from '../../../src/complaint/decision.js';
import { initialProgress, SATISFIED, UNSATISFIED, type Progress } from '../../../src/complaint/progress.js';
import { STAGE_LABELS, statusOf } from '../../../src/complaint/status.js';
import { complaintCommands, type CommandRow } from '../../../src/complaint/table.js';
import * as vocabulary from '../../../src/complaint/terms/vocabulary.js';
import { instant } from '../../../src/platform/moment.js';
import { root } from '../doc-snippets.js';
import { NOON, SUPERVISOR } from '../given.js';

/** docs/domain.md: prose by hand, and between `<!-- printed: NAME -->` and `<!-- end -->` tables that the code prints. */
export const DOMAIN_DOCUMENT = join(root, 'docs', 'domain.md');

const { BEFORE_DETERMINATION, END_STAGES, STAGES } = vocabulary;
/** With these codes a guard says that the stage is the reason. */
const STAGE_CODES = ['not_received', 'already_received', 'not_open', 'wrong_stage', 'nothing_to_change'];

const TABLES: Readonly<Record<string, () => string>> = { stages, transitions, statuses, stateValues, codes };

/** The document with every table replaced by the one that the code prints now. */
export const withCurrentTables = (document: string): string =>
  document.replace(
    /(<!-- printed: (\w+) -->\n\n)[^]*?(\n\n<!-- end -->)/g,
    (_all, begin: string, name, end: string) => {
      const print = TABLES[String(name)];
      if (print === undefined)
        throw new Error(`docs/domain.md asks for ${String(name)}, which the code does not print`);
      return begin + print() + end;
    },
  );

export const tableNames: readonly string[] = Object.keys(TABLES);

function stages(): string {
  const ended = (stage: vocabulary.Stage): string => (END_STAGES.includes(stage) ? 'yes' : '');
  const before = (stage: vocabulary.Stage): string => (BEFORE_DETERMINATION.includes(stage) ? 'yes' : '');
  const entries = STAGES.map((stage) => [code(stage), STAGE_LABELS[stage], before(stage), ended(stage)]);
  return table(['stage', 'label', 'before the determination', 'ended'], entries);
}

function transitions(): string {
  const entries = complaintCommands.map((one) => [
    one.row,
    code(one.name),
    stagesOf(one),
    one.events.map(code).join(', '),
  ]);
  return table(['row', 'command', 'from stage', 'may emit'], entries);
}

/** Asks the guards of a complaint that has nothing but a stage. */
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
  const word = (score: number): Partial<Progress> => ({ lastWord: { at: instant(NOON), score } });
  const cases: Partial<Progress>[] = [{ episode: 1 }, { episode: 2 }, word(SATISFIED), word(UNSATISFIED)];
  const entries = STAGES.map((stage) => [
    code(stage),
    ...cases.map((one) => statusOf({ ...initialProgress, episode: 1, stage, ...one }, DEFAULT_SETTINGS).status),
  ]);
  return table(
    ['stage', 'first episode', 'reopened', 'latest statement: satisfied', 'latest statement: dissatisfied'],
    entries,
  );
}

/** Fields of state-types.ts whose type is a list of texts. */
function stateValues(): string {
  const path = join(root, 'src', 'complaint', 'state-types.ts');
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const listed = (name: string, type: ts.TypeNode | undefined): string[][] => {
    if (type === undefined || !ts.isUnionTypeNode(type) || !type.types.every((one) => ts.isLiteralTypeNode(one)))
      return [];
    return [[code(name), type.types.map((one) => code(one.getText().replaceAll("'", ''))).join(', ')]];
  };
  const entries = source.statements.flatMap((one) => {
    if (ts.isTypeAliasDeclaration(one)) return listed(one.name.text, one.type);
    if (!ts.isInterfaceDeclaration(one)) return [];
    const fields = one.members.filter(ts.isPropertySignature);
    return fields.flatMap((field) => listed(`${one.name.text}.${field.name.getText()}`, field.type));
  });
  return table(['type and field', 'values'], entries);
}

function codes(): string {
  const lists = Object.entries<unknown>(vocabulary).flatMap(([name, list]) =>
    Array.isArray(list) ? [[code(name), list.map(String).map(code).join(', ')]] : [],
  );
  return table(['list', 'codes'], lists);
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A Markdown table as Prettier writes it. */
function table(head: readonly string[], entries: readonly (readonly string[])[]): string {
  const width = (cell: string): number => cell.length + (cell.match(/[\u2e80-\uffff]/g)?.length ?? 0);
  const widths = head.map((title, at) => Math.max(3, ...[title, ...entries.map((row) => row[at] ?? '')].map(width)));
  const line = (cells: readonly string[], fill: string): string =>
    `| ${widths.map((wide, at) => (cells[at] ?? '') + fill.repeat(wide - width(cells[at] ?? ''))).join(' | ')} |`;
  return [line(head, ' '), line([], '-'), ...entries.map((row) => line(row, ' '))].join('\n');
}
