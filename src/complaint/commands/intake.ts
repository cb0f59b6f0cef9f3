import { Code, Flag, Identifier, List, Nested, Schema, Text, When } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import {
  CHANNELS,
  INADMISSIBLE_REASONS,
  NATURES,
  type InadmissibleReason,
  type Channel,
  type Nature,
} from '../terms/vocabulary.js';
import { CONTACT_DIRECTIONS, CONTACT_RESULTS } from './codes.js';
import { AssessSeverity, ClassifyComplaint } from './assessment.js';
import { AssignComplaint } from './ownership.js';
import { Answer, ComplaintCommand, ContactAttempt, IncidentTime, Party, Point, Source } from './parts.js';
import { ResolveAtFirstContact } from './resolution.js';

@Schema({
  summary: 'Acknowledge receipt, once per episode; this is not the first response',
  example: { channel: 'phone', message: 'We have it and will call tomorrow.' },
})
export class AcknowledgeComplaint extends ComplaintCommand {
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Identifier({ optional: true, description: 'Id of the party who received the acknowledgement' })
  readonly to?: string;
  @Text({ max: 10_000, optional: true, description: 'What was told to the party' })
  readonly message?: string;
}

@Schema({
  summary: 'Lodge a complaint; requires a channel, and a narrative or an issue',
  example: {
    channel: 'phone',
    narrative: '菜是凉的，等了四十分钟。',
    parties: [{ role: 'complainant', name: '王芳', contacts: [{ channel: 'phone', address: '+86 10 5555 0100' }] }],
    points: [{ issue: 'Dish arrived cold', subject: { product: 'Set menu', region: 'Beijing' } }],
  },
})
export class LodgeComplaint extends ComplaintCommand {
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Text({ max: 50_000, optional: true, description: 'In the words of the complainant; never changed' })
  readonly narrative?: string;
  @When({
    optional: true,
    description: 'When the organisation received the complaint; the time of recording when absent',
  })
  readonly receivedAt?: Moment;
  @Nested(() => IncidentTime, { optional: true, description: 'When the incident happened' })
  readonly incidentAt?: IncidentTime;
  @Text({ max: 200, optional: true, description: 'The app, page or counter that received the complaint' })
  readonly channelAccount?: string;
  @Text({ max: 200, optional: true, description: 'Place at which the complaint was received' })
  readonly intakePoint?: string;
  @List(() => Source, {
    max: 20,
    optional: true,
    description: 'Where the complaint came from; the first source identifies the complaint',
  })
  readonly sources?: Source[];
  @List(() => Party, { max: 50, optional: true, description: 'Empty or absent for an anonymous complaint' })
  readonly parties?: Party[];
  @List(() => Point, { min: 1, max: 50, optional: true, description: 'One point without details when absent' })
  readonly points?: Point[];
  @Text({ max: 5000, optional: true, description: 'What the complainant asks for' })
  readonly remedySought?: string;
  @Text({
    max: 35,
    form: { pattern: /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, name: 'a language tag such as zh or pt-BR' },
    optional: true,
    description: 'Language tag of BCP 47',
    example: 'zh',
  })
  readonly language?: string;
  @Text({ max: 200, optional: true, description: 'How the complainant wants the complaint handled' })
  readonly handlingMethod?: string;
  @List(() => Answer, { max: 100, optional: true, description: 'Answers to the questions of the intake form' })
  readonly answers?: Answer[];
  @List(() => ContactAttempt, {
    max: 100,
    optional: true,
    description: 'Attempts of the complainant to reach the organisation before',
  })
  readonly contactAttempts?: ContactAttempt[];
  @Text({
    max: 100,
    optional: true,
    description: 'How long the complainant has been a customer or has had the product',
  })
  readonly tenure?: string;
  @Text({
    max: 100,
    optional: true,
    description: 'Whether the complainant agrees to a publication, in the words of the register',
  })
  readonly consentToPublish?: string;
  @When({ optional: true, description: 'When the register sent the complaint to the company; may be before receipt' })
  readonly sentToRespondentAt?: Moment;
  @Text({ each: true, max: 50, optional: true, description: 'Circumstances that make the complainant vulnerable' })
  readonly vulnerabilityTags?: string[];
  @Nested(() => ClassifyComplaint, { optional: true })
  readonly classification?: ClassifyComplaint;
  @Nested(() => AssessSeverity, { optional: true })
  readonly severity?: AssessSeverity;
  @Nested(() => AcknowledgeComplaint, { optional: true, description: 'An acknowledgement that was already given' })
  readonly acknowledgement?: AcknowledgeComplaint;
  @Nested(() => AssignComplaint, { optional: true })
  readonly assignment?: AssignComplaint;
  @Nested(() => ResolveAtFirstContact, {
    optional: true,
    description: 'Set when the complaint was resolved at first contact',
  })
  readonly resolution?: ResolveAtFirstContact;
}

@Schema({ summary: 'Admit the complaint', example: {} })
export class AdmitComplaint extends ComplaintCommand {
  @Text({ max: 2000, optional: true, description: 'Why the complaint is admitted' })
  readonly reason?: string;
}

@Schema({
  summary: 'End the complaint as inadmissible, or draft this for a second person, with reasons and recourse',
  example: {
    reasonCode: 'not_addressed_to_us',
    nature: 'not_addressed_to_us',
    reasons: 'The delivery was made by another company.',
    recourse: 'The market regulator, 12315',
    addressees: ['a1'],
    channel: 'email',
  },
})
export class DeclareInadmissible extends ComplaintCommand {
  @Code(INADMISSIBLE_REASONS)
  readonly reasonCode!: InadmissibleReason;
  @Code(NATURES)
  readonly nature!: Nature;
  @Text({ max: 10_000, description: 'Reasons, as the notice gives them' })
  readonly reasons!: string;
  @Text({
    max: 5000,
    optional: true,
    description: 'Internal and external recourse; required if a response policy asks for it',
  })
  readonly recourse?: string;
  @Identifier({
    each: true,
    max: 50,
    optional: true,
    description:
      'Parties that receive the notice: everybody who may be told; with standing_not_shown also who did not show it',
  })
  readonly addressees?: string[];
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
}

@Schema({
  summary: 'Approve a declaration of inadmissibility that another person drafted, which ends the complaint',
  example: { draftId: 'i1' },
})
export class ApproveInadmissibility extends ComplaintCommand {
  @Identifier({ description: 'Id of the draft', example: 'i1' })
  readonly draftId!: string;
}

@Schema({
  summary: 'Record a contact or contact attempt: call, letter, message or visit',
  example: {
    direction: 'outbound',
    channel: 'phone',
    party: 'a1',
    result: 'reached',
    substantive: true,
    content: 'Told her what we found so far.',
  },
})
export class RecordContact extends ComplaintCommand {
  @Code(CONTACT_DIRECTIONS)
  readonly direction!: 'inbound' | 'outbound';
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Identifier({ optional: true, example: 'a1', description: 'Id of the party on the other side' })
  readonly party?: string;
  @When({ optional: true, description: 'occurredAt when absent' })
  readonly at?: Moment;
  @Code(CONTACT_RESULTS)
  readonly result!: 'reached' | 'no_answer' | 'bounced';
  @Flag({
    optional: true,
    description:
      'True if the contact dealt with the substance of the complaint; false when absent. An outbound contact with true ' +
      'and the result `reached` meets the target of the first response',
  })
  readonly substantive?: boolean;
  @Flag({ optional: true, description: 'True if the complainant asks for an update' })
  readonly asksForUpdate?: boolean;
  @Text({ max: 20_000, optional: true, description: 'What was said or written' })
  readonly content?: string;
}

@Schema({ summary: 'Add an internal note; complainants never see it', example: { text: 'Check the kitchen camera.' } })
export class AddNote extends ComplaintCommand {
  @Text({ max: 20_000, description: 'Text of the note' })
  readonly text!: string;
}
