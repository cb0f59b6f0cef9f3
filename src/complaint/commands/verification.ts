import { Code, Identifier, List, Nested, Schema, Text, When, Whole } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import {
  CAUSES,
  CHANNELS,
  HOLD_REASONS,
  SCOPES,
  type Cause,
  type Channel,
  type HoldReason,
  type Scope,
} from '../terms/vocabulary.js';
import { AUTHORITY_RESULTS, CONTENT_FINDINGS, EXTENTS, IDENTITY_RESULTS, IDENTITY_WAIVER_CAUSES } from './codes.js';
import { ComplaintCommand, Contact } from './parts.js';

@Schema({
  summary: 'Record that the identity of a party was verified, or that the check failed',
  example: { party: 'a1', result: 'verified', method: 'call_back', level: 'basic' },
})
export class VerifyIdentity extends ComplaintCommand {
  @Identifier({ example: 'a1', description: 'Id of the party' })
  readonly party!: string;
  @Code(IDENTITY_RESULTS)
  readonly result!: 'verified' | 'failed';
  @Text({ max: 100, example: 'call_back', description: 'How the identity was checked' })
  readonly method!: string;
  @Text({ max: 100, optional: true, description: 'basic when absent' })
  readonly level?: string;
  @Text({ max: 2000, optional: true, description: 'Required if the check failed' })
  readonly reason?: string;
  @Identifier({ each: true, max: 100, optional: true, description: 'Ids of the evidence of the check' })
  readonly evidenceIds?: string[];
}

@Schema({
  summary: 'Record whether a representative or heir has authority to act',
  example: { party: 'a2', result: 'rejected', reason: 'The power of attorney names another person.' },
})
export class VerifyAuthority extends ComplaintCommand {
  @Identifier({ example: 'a2', description: 'Id of the party' })
  readonly party!: string;
  @Code(AUTHORITY_RESULTS)
  readonly result!: 'verified' | 'rejected';
  @Code(SCOPES, {
    each: true,
    optional: true,
    description: 'What the verified authority covers; to act and to receive letters when absent',
  })
  readonly scope?: Scope[];
  @Text({ max: 2000, description: 'The basis of the authority, or why it is rejected' })
  readonly reason!: string;
  @Identifier({ each: true, max: 100, optional: true, description: 'Ids of the evidence of the check' })
  readonly evidenceIds?: string[];
}

@Schema({
  summary: 'Add evidence by its content hash',
  example: {
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    kind: 'photo',
    mime: 'image/jpeg',
    source: 'complainant',
  },
})
export class AddEvidence extends ComplaintCommand {
  @Identifier({ optional: true, description: 'Generated as e1, e2, … when absent' })
  readonly evidenceId?: string;
  @Text({
    max: 64,
    form: { pattern: /^[0-9a-f]{64}$/, name: '64 digits of 0-9 and a-f' },
    description: 'SHA-256 of the content, hex',
  })
  readonly sha256!: string;
  @Text({ max: 100, description: 'Kind of the evidence, such as photo or log' })
  readonly kind!: string;
  @Text({ max: 200, optional: true, description: 'Media type of the content' })
  readonly mime?: string;
  @Whole({ min: 0, max: 1e15, optional: true, description: 'Size of the content in bytes' })
  readonly bytes?: number;
  @When({ optional: true, description: 'When the evidence came into being' })
  readonly capturedAt?: Moment;
  @Text({ max: 200, description: 'Person or organisation that provided the evidence' })
  readonly source!: string;
  @Text({ max: 500, optional: true, description: 'Where the evidence is kept' })
  readonly custody?: string;
  @Identifier({ each: true, max: 100, optional: true, description: 'Ids of the points that the evidence concerns' })
  readonly pointIds?: string[];
  @Text({ max: 5000, optional: true, description: 'What the evidence shows' })
  readonly description?: string;
}

@Schema({
  summary: 'Exclude evidence, with a reason',
  example: { evidenceId: 'e1', reason: 'Shows another table.' },
})
export class ExcludeEvidence extends ComplaintCommand {
  @Identifier({ description: 'Id of the evidence' })
  readonly evidenceId!: string;
  @Text({ max: 2000, description: 'Why the evidence is excluded' })
  readonly reason!: string;
}

@Schema({
  summary: 'Record whether the content of the complaint is substantiated',
  example: { finding: 'substantiated', grounds: 'Kitchen log and photo agree.' },
})
export class VerifyContent extends ComplaintCommand {
  @Code(CONTENT_FINDINGS)
  readonly finding!: 'substantiated' | 'partly' | 'unsubstantiated';
  @Text({ max: 10_000, description: 'Grounds of the finding' })
  readonly grounds!: string;
  @Identifier({ each: true, max: 100, optional: true, description: 'Ids of the evidence for the finding' })
  readonly evidenceIds?: string[];
}

@Schema({
  summary: 'Record whether the complaint is reasonable, and its cause',
  example: { reasonable: 'yes', grounds: 'We promise hot food within 20 minutes.', cause: 'process_gap' },
})
export class AssessMerits extends ComplaintCommand {
  @Code(EXTENTS, { description: 'Whether the complaint is reasonable' })
  readonly reasonable!: 'yes' | 'partly' | 'no';
  @Text({ max: 10_000, description: 'Grounds of the assessment' })
  readonly grounds!: string;
  @Code(CAUSES, { optional: true })
  readonly cause?: Cause;
}

@Schema({
  summary: 'Waive the investigation of content and merits, with a reason and a responsible person',
  example: { reason: 'Same batch as a complaint already investigated', responsible: 'supervisor-1' },
})
export class WaiveInvestigation extends ComplaintCommand {
  @Text({ max: 5000, description: 'Why the investigation is waived' })
  readonly reason!: string;
  @Identifier({ description: 'Id of the person who is responsible for the waiver' })
  readonly responsible!: string;
}

@Schema({
  summary: 'Waive the identity check, with a reason and a responsible person',
  example: { cause: 'anonymous', reason: 'Letter without sender', responsible: 'handler-1' },
})
export class WaiveIdentity extends ComplaintCommand {
  @Identifier({ optional: true, description: 'Every unchecked party when absent' })
  readonly party?: string;
  @Code(IDENTITY_WAIVER_CAUSES)
  readonly cause!: 'anonymous' | 'not_needed' | 'unreachable';
  @Text({ max: 5000, description: 'Why the identity check is waived' })
  readonly reason!: string;
  @Identifier({ description: 'Id of the person who is responsible for the waiver' })
  readonly responsible!: string;
}

@Schema({ summary: 'A hold until the information arrives' })
export class RequestedHold {
  @Code(HOLD_REASONS, { optional: true, description: 'awaiting_complainant when absent' })
  readonly reason?: HoldReason;
  @When({ description: 'The hold ends automatically at this time' })
  readonly expectedEnd!: Moment;
}

@Schema({
  summary: 'Request missing information, with or without a hold',
  example: {
    party: 'a1',
    about: 'incidentAt',
    question: 'On which day was it?',
    channel: 'email',
    hold: { expectedEnd: '2027-01-05T17:00:00+08:00' },
  },
})
export class RequestInformation extends ComplaintCommand {
  @Identifier({ optional: true, description: 'Generated as q1, q2, … when absent' })
  readonly requestId?: string;
  @Identifier({ optional: true, description: 'Id of the party that is asked', example: 'a1' })
  readonly party?: string;
  @Text({ max: 200, optional: true, description: 'Department or third party that is asked; the party when absent' })
  readonly from?: string;
  @Text({
    max: 100,
    optional: true,
    description:
      'What is asked for: a field, the id of an intake question, or a kind of evidence; `authority` asks a representative to show it. A party is not asked for what the complaint file holds, unless `reason` says why that will not do',
    example: 'incidentAt',
  })
  readonly about?: string;
  @Text({ max: 2000, optional: true, description: 'Why what the complaint file holds will not do' })
  readonly reason?: string;
  @Text({ max: 5000, description: 'What is asked' })
  readonly question!: string;
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
  @When({ optional: true, description: 'When the answer is due' })
  readonly answerBy?: Moment;
  @Nested(() => RequestedHold, { optional: true })
  readonly hold?: RequestedHold;
}

@Schema({
  summary: 'Record received information; an answer to a request releases the hold of this request',
  example: { requestId: 'q1', from: 'a1', content: 'On 3 March.' },
})
export class ReceiveInformation extends ComplaintCommand {
  @Identifier({ optional: true, description: 'Id of the request that it answers' })
  readonly requestId?: string;
  @Text({ max: 200, description: 'Party id, department or third party' })
  readonly from!: string;
  @Text({ max: 20_000, description: 'Content of the information' })
  readonly content!: string;
  @Identifier({ each: true, max: 100, optional: true, description: 'Ids of the evidence that came with it' })
  readonly evidenceIds?: string[];
  @List(() => Contact, { max: 20, optional: true, description: 'Contact details that the party gave' })
  readonly contacts?: readonly Contact[];
}

@Schema({
  summary: 'Record that an information request has lapsed without an answer',
  example: { requestId: 'q1', reason: 'No answer after two reminders' },
})
export class LapseInformationRequest extends ComplaintCommand {
  @Identifier({ description: 'Id of the request' })
  readonly requestId!: string;
  @Text({ max: 2000, description: 'Why the request has lapsed' })
  readonly reason!: string;
}

@Schema({
  summary: 'Put the complaint on hold',
  example: {
    reason: 'awaiting_test_or_appraisal',
    counterparty: 'City laboratory',
    expectedEnd: '2027-01-05T17:00:00+08:00',
  },
})
export class PlaceHold extends ComplaintCommand {
  @Identifier({ optional: true, description: 'Generated as h1, h2, … when absent' })
  readonly holdId?: string;
  @Code(HOLD_REASONS)
  readonly reason!: HoldReason;
  @Text({ max: 300, description: 'Person or organisation that must act' })
  readonly counterparty!: string;
  @When({
    optional: true,
    description: 'The hold ends automatically at this time; only an upstream system may omit it',
  })
  readonly expectedEnd?: Moment;
  @Text({ max: 2000, optional: true, description: 'Internal note on the hold' })
  readonly note?: string;
}

@Schema({ summary: 'Release a hold before its end', example: { holdId: 'h1' } })
export class ReleaseHold extends ComplaintCommand {
  @Identifier({ description: 'Id of the hold' })
  readonly holdId!: string;
  @Text({ max: 2000, optional: true, description: 'Internal note on the release' })
  readonly note?: string;
}
