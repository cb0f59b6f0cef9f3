import type * as safety from '../../complaint/safety.js';
import type * as state from '../../complaint/state-types.js';
import {
  CHANNELS,
  INADMISSIBLE_REASONS,
  NATURES,
  NEED_DRIVERS,
  RISK_FLAGS,
  SUGGESTION_RESULTS,
  type Channel,
  type InadmissibleReason,
  type Nature,
  type NeedDriver,
  type RiskFlag,
  type SuggestionResult,
} from '../../complaint/terms/vocabulary.js';
import { AnyText, Count, ListOf } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Flag as TrueOrFalse, Nested, Schema } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { Attribution, RecordedWhen } from './moment.js';

/* Flags, safety, needs and records beside the procedure in the complaint file. */

@Schema({ summary: 'Who ended something, when and why' })
export class EndedWithReason extends Attribution {
  @AnyText({ description: 'Why it ended', example: 'The laboratory found no glass' })
  readonly reason!: string;
}

const INADMISSIBILITY_STATUSES = enumeration(
  'InadmissibilityStatus',
  ['Drafted', 'Approved', 'Discarded'],
  'Status of a draft that a second person approves',
);

@Schema({ summary: 'A declaration of inadmissibility that a second person approves' })
export class InadmissibilityDraft extends Attribution implements state.InadmissibilityDraft {
  @AnyText({ description: 'Id of the draft, which its notice will have', example: 'i1' })
  readonly draftId!: string;
  @Code(INADMISSIBILITY_STATUSES)
  readonly status!: state.InadmissibilityDraft['status'];
  @Code(INADMISSIBLE_REASONS)
  readonly reasonCode!: InadmissibleReason;
  @Code(NATURES)
  readonly nature!: Nature;
  @AnyText({ description: 'Reasons, as the notice gives them', example: 'Another company delivered' })
  readonly reasons!: string;
  @AnyText({ optional: true, description: 'Internal and external recourse', example: 'The market regulator, 12315' })
  readonly recourse?: string;
  @AnyText({ each: true, description: 'Parties that will receive the notice', example: 'a1' })
  readonly addressees!: readonly string[];
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
}

@Schema({ summary: 'A risk flag; it stands until it is cleared' })
export class RaisedFlag extends Attribution implements state.Flag {
  @Code(RISK_FLAGS)
  readonly flag!: RiskFlag;
  @AnyText({ optional: true, description: 'Why the flag was raised', example: 'Glass in the dish' })
  readonly reason?: string;
  @AnyText({ each: true, optional: true, description: 'Ids of the evidence of the risk', example: 'e1' })
  readonly evidenceIds?: readonly string[];
  @Nested(() => EndedWithReason, { optional: true, description: 'Absent while the flag stands' })
  readonly cleared?: EndedWithReason;
}

@Schema({ summary: 'A person who set the safety' })
export class SafetySetter {
  @AnyText({ description: 'Id of the person', example: 'handler-1' })
  readonly person!: string;
  @Count({ description: 'Number of the period in which they set it', example: 1 })
  readonly period!: number;
}

@Schema({ summary: 'Whether safety is set, and who must not lower it' })
export class Safety implements safety.SafetyRecord {
  @TrueOrFalse({
    description: 'True while the latest assessment says that the complaint is safety-critical, or a safety flag stands',
    example: false,
  })
  readonly isSet!: boolean;
  @Count({ description: 'Number of the period during which safety stands, or last stood', example: 1 })
  readonly period!: number;
  @ListOf(() => SafetySetter, { description: 'People who set it; another person must lower or clear it' })
  readonly setBy!: readonly SafetySetter[];
  @AnyText({
    optional: true,
    description: 'Id of the last person who set, lowered or cleared it',
    example: 'handler-1',
  })
  readonly lastChangedBy?: string;
}

@Schema({ summary: 'A need of a party' })
export class Need extends Attribution implements state.Need {
  @AnyText({ description: 'Id of the party', example: 'a1' })
  readonly party!: string;
  @Code(NEED_DRIVERS)
  readonly driver!: NeedDriver;
  @AnyText({ description: 'The need, in a few words', example: 'Hard of hearing' })
  readonly need!: string;
  @AnyText({ description: 'What is done differently because of the need', example: 'Write instead of calling' })
  readonly adjustment!: string;
  @TrueOrFalse({ description: 'True if the party agrees that the need is recorded', example: true })
  readonly consent!: boolean;
  @RecordedWhen({ optional: true, description: 'Until when the need lasts; no end when absent' })
  readonly until?: Moment;
  @TrueOrFalse({
    optional: true,
    description: 'True if the complaint arose because the need was not met',
    example: false,
  })
  readonly harm?: boolean;
}

@Schema({ summary: 'A legal hold: the personal data is kept until it is released' })
export class LegalHold extends Attribution implements state.LegalHold {
  @AnyText({ description: 'Id of the legal hold', example: 'l1' })
  readonly legalHoldId!: string;
  @AnyText({ description: 'Why the data must be kept', example: 'Claim before the district court' })
  readonly reason!: string;
  @Nested(() => EndedWithReason, { optional: true, description: 'Absent while the legal hold stands' })
  readonly released?: EndedWithReason;
}

@Schema({ summary: 'An earlier complaint about what happens again' })
export class Recurrence extends Attribution implements state.Recurrence {
  @AnyText({ description: 'Id of the earlier complaint', example: '37367fd5-6616-5286-a6fe-c4735ea7036c' })
  readonly priorComplaintId!: string;
  @AnyText({ optional: true, description: 'What recurs', example: 'The repair did not last' })
  readonly reason?: string;
}

@Schema({ summary: 'A suggestion that was shown to a person' })
export class Suggestion extends Attribution implements state.Suggestion {
  @AnyText({ description: 'What was suggested, such as remedy or category', example: 'remedy' })
  readonly kind!: string;
  @AnyText({ description: 'Version of the rule or model that made the suggestion', example: '2' })
  readonly version!: string;
  @AnyText({ description: 'What was shown', example: 'Refund the dish' })
  readonly shown!: string;
  @Code(SUGGESTION_RESULTS)
  readonly taken!: SuggestionResult;
}
