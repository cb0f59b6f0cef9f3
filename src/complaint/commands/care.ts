import { Code, Flag, Identifier, Schema, Text, When, Whole } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import {
  NEED_DRIVERS,
  RISK_FLAGS,
  SUGGESTION_RESULTS,
  type NeedDriver,
  type RiskFlag,
  type SuggestionResult,
} from '../terms/vocabulary.js';
import { ComplaintCommand } from './parts.js';

@Schema({
  summary: 'Raise a risk flag',
  example: { flag: 'safety', reason: 'Glass in the dish', evidenceIds: ['e1'] },
})
export class RaiseFlag extends ComplaintCommand {
  @Code(RISK_FLAGS)
  readonly flag!: RiskFlag;
  @Text({ max: 2000, optional: true, description: 'Why the flag is raised' })
  readonly reason?: string;
  @Identifier({ each: true, max: 100, optional: true, description: 'Ids of the evidence of the risk' })
  readonly evidenceIds?: string[];
}

@Schema({
  summary: 'Clear a risk flag; safety is cleared by a person who has not set it',
  example: { flag: 'safety', reason: 'The laboratory found no glass' },
})
export class ClearFlag extends ComplaintCommand {
  @Code(RISK_FLAGS)
  readonly flag!: RiskFlag;
  @Text({ max: 2000, description: 'Why the flag no longer stands' })
  readonly reason!: string;
}

@Schema({
  summary: 'Record a need of a party; a later record of the same need replaces it',
  example: {
    party: 'a1',
    driver: 'health',
    need: 'Hard of hearing',
    adjustment: 'Write instead of calling',
    consent: true,
    harm: false,
  },
})
export class RecordNeed extends ComplaintCommand {
  @Identifier({ description: 'Id of the party', example: 'a1' })
  readonly party!: string;
  @Code(NEED_DRIVERS)
  readonly driver!: NeedDriver;
  @Text({ max: 500, description: 'The need, in a few words' })
  readonly need!: string;
  @Text({ max: 2000, description: 'What is done differently because of the need' })
  readonly adjustment!: string;
  @Flag({ description: 'True if the party agrees that the need is recorded' })
  readonly consent!: boolean;
  @When({ optional: true, description: 'Until when the need lasts; no end when absent' })
  readonly until?: Moment;
  @Flag({ optional: true, description: 'True if the complaint arose because the need was not met; false when absent' })
  readonly harm?: boolean;
}

@Schema({
  summary: 'Place a legal hold: the personal data of the complaint is not erased until it is released',
  example: { reason: 'Claim before the district court' },
})
export class PlaceLegalHold extends ComplaintCommand {
  @Identifier({ optional: true, description: 'Generated as l1, l2, … when absent' })
  readonly legalHoldId?: string;
  @Text({ max: 2000, description: 'Why the data must be kept' })
  readonly reason!: string;
}

@Schema({ summary: 'Release a legal hold', example: { legalHoldId: 'l1', reason: 'The claim was settled' } })
export class ReleaseLegalHold extends ComplaintCommand {
  @Identifier({ description: 'Id of the legal hold', example: 'l1' })
  readonly legalHoldId!: string;
  @Text({ max: 2000, description: 'Why the data need no longer be kept' })
  readonly reason!: string;
}

@Schema({
  summary: 'Record that the complaint is about the recurrence of an earlier one',
  example: { priorComplaintId: '37367fd5-6616-5286-a6fe-c4735ea7036c', reason: 'The repair did not last' },
})
export class LinkRecurrence extends ComplaintCommand {
  @Identifier({ description: 'Id of the earlier complaint', example: '37367fd5-6616-5286-a6fe-c4735ea7036c' })
  readonly priorComplaintId!: string;
  @Text({ max: 2000, optional: true, description: 'What recurs' })
  readonly reason?: string;
}

@Schema({
  summary: 'Record that another complaint is related to this one',
  example: { complaintId: '37367fd5-6616-5286-a6fe-c4735ea7036c', reason: 'The same delivery' },
})
export class RelateComplaint extends ComplaintCommand {
  @Identifier({ description: 'Id of the other complaint', example: '37367fd5-6616-5286-a6fe-c4735ea7036c' })
  readonly complaintId!: string;
  @Text({ max: 2000, optional: true, description: 'How they are related' })
  readonly reason?: string;
}

@Schema({ summary: 'Record minutes spent on the complaint', example: { minutes: 20, onWhat: 'Called the kitchen' } })
export class RecordEffort extends ComplaintCommand {
  @Whole({ min: 1, max: 1440, description: 'How many minutes were spent', example: 20 })
  readonly minutes!: number;
  @Text({ max: 500, optional: true, description: 'What the minutes were spent on' })
  readonly onWhat?: string;
}

@Schema({
  summary: 'Record what a suggestion showed to a person, and what they made of it',
  example: { kind: 'remedy', version: '2', shown: 'Refund the dish', taken: 'edited' },
})
export class RecordSuggestionShown extends ComplaintCommand {
  @Text({ max: 100, description: 'What was suggested, such as remedy or category', example: 'remedy' })
  readonly kind!: string;
  @Text({ max: 100, description: 'Version of the rule or model that made the suggestion', example: '2' })
  readonly version!: string;
  @Text({ max: 2000, description: 'What was shown' })
  readonly shown!: string;
  @Code(SUGGESTION_RESULTS)
  readonly taken!: SuggestionResult;
}
