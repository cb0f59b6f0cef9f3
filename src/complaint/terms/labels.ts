import type { Language, Words } from '../../platform/language.js';
import type { Outcome, Stage, StatusCode } from './vocabulary.js';
import { OUTCOME_WORDS, STAGE_WORDS, STATUS_WORDS } from './words.js';

/** The words for a code; null if there is no code. */
export const labelOf = <Code extends string>(
  words: { readonly [code in Code]: Words },
  code: Code | null,
  language: Language,
): string | null => (code === null ? null : words[code][language]);

interface StageRow {
  readonly stage: Stage;
}

interface StandingRow extends StageRow {
  readonly status: StatusCode;
  readonly outcome: Outcome | null;
}

export interface StageLabel {
  readonly stageLabel: string;
}

export interface StandingLabels extends StageLabel {
  readonly statusLabel: string;
  readonly outcomeLabel: string | null;
}

/** The row with the words of its stage. */
export const withStageLabel = <Row extends StageRow>(row: Row, language: Language): Row & StageLabel => ({
  ...row,
  stageLabel: STAGE_WORDS[row.stage][language],
});

/** The row with the words of its stage, status and outcome. */
export const withStandingLabels = <Row extends StandingRow>(row: Row, language: Language): Row & StandingLabels => ({
  ...withStageLabel(row, language),
  statusLabel: STATUS_WORDS[row.status][language],
  outcomeLabel: labelOf(OUTCOME_WORDS, row.outcome, language),
});
