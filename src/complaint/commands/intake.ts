import { Code, Flag, Identifier, List, Nested, Schema, Text, When } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { CHANNELS, INADMISSIBLE_REASONS, NATURES, type Channel, type Nature } from '../terms/vocabulary.js';
import { AssessSeverity, AssignComplaint, ClassifyComplaint } from './assessment.js';
import { Answer, ComplaintCommand, ContactAttempt, IncidentTime, Party, Point, Source } from './parts.js';
import { ResolveAtFirstContact } from './resolution.js';

@Schema({
  summary: 'Acknowledge receipt, once an episode (T2, ISO 10002 7.4)',
  example: { channel: 'phone', message: 'We have it and will call tomorrow.' },
})
export class AcknowledgeComplaint extends ComplaintCommand {
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Identifier({ optional: true, description: 'Party' })
  readonly to?: string;
  @Text({ max: 10_000, optional: true })
  readonly message?: string;
}

@Schema({
  summary: 'Take a complaint in; channel and narrative or issue are enough (T1, R11)',
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
  @When({ optional: true, description: 'When the organisation received it; the time of recording when absent' })
  readonly receivedAt?: Moment;
  @Nested(() => IncidentTime, { optional: true })
  readonly incidentAt?: IncidentTime;
  @Text({ max: 200, optional: true, description: 'Which app, page or counter (R03)' })
  readonly channelAccount?: string;
  @Text({ max: 200, optional: true })
  readonly intakePoint?: string;
  @List(() => Source, { max: 20, optional: true, description: 'Where it came in; the first one names the complaint' })
  readonly sources?: Source[];
  @List(() => Party, { max: 50, optional: true, description: 'None at all: anonymous' })
  readonly parties?: Party[];
  @List(() => Point, { max: 50, optional: true, description: 'One point without particulars when absent' })
  readonly points?: Point[];
  @Text({ max: 5000, optional: true })
  readonly remedySought?: string;
  @Text({
    max: 35,
    pattern: /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/,
    optional: true,
    description: 'BCP 47',
    example: 'zh',
  })
  readonly language?: string;
  @Text({ max: 200, optional: true, description: 'How the complainant wants it handled (R06)' })
  readonly handlingMethod?: string;
  @List(() => Answer, { max: 100, optional: true })
  readonly answers?: Answer[];
  @List(() => ContactAttempt, { max: 100, optional: true })
  readonly contactAttempts?: ContactAttempt[];
  @Text({ max: 100, optional: true })
  readonly tenure?: string;
  @Text({ max: 100, optional: true })
  readonly consentToPublish?: string;
  @When({ optional: true, description: 'May precede receipt in registers: kept with a warning' })
  readonly sentToRespondentAt?: Moment;
  @Text({ each: true, max: 50, optional: true })
  readonly vulnerabilityTags?: string[];
  @Nested(() => ClassifyComplaint, { optional: true })
  readonly classification?: ClassifyComplaint;
  @Nested(() => AssessSeverity, { optional: true })
  readonly severity?: AssessSeverity;
  @Nested(() => AcknowledgeComplaint, { optional: true, description: 'An acknowledgement already given' })
  readonly acknowledgement?: AcknowledgeComplaint;
  @Nested(() => AssignComplaint, { optional: true })
  readonly assignment?: AssignComplaint;
  @Nested(() => ResolveAtFirstContact, { optional: true, description: 'Resolved while it was taken in (T24)' })
  readonly resolution?: ResolveAtFirstContact;
}

@Schema({ summary: 'Admit the complaint (T3)', example: {} })
export class AdmitComplaint extends ComplaintCommand {
  @Text({ max: 2000, optional: true })
  readonly reason?: string;
}

@Schema({
  summary: 'End it as inadmissible, with reasons and recourse (T3)',
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
  readonly reasonCode!: (typeof INADMISSIBLE_REASONS)[number];
  @Code(NATURES)
  readonly nature!: Nature;
  @Text({ max: 10_000 })
  readonly reasons!: string;
  @Text({ max: 5000, optional: true, description: 'Internal and external recourse; needed unless spam or no contact' })
  readonly recourse?: string;
  @Identifier({ each: true, max: 50, optional: true, description: 'Parties the notice goes to' })
  readonly addressees?: string[];
  @Code(CHANNELS, { optional: true })
  readonly channel?: Channel;
}

@Schema({
  summary: 'Record a call, letter, message or visit, reached or not (T26, R10, R47)',
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
  @Code(['inbound', 'outbound'] as const)
  readonly direction!: 'inbound' | 'outbound';
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Identifier({ optional: true, example: 'a1' })
  readonly party?: string;
  @When({ optional: true, description: 'occurredAt when absent' })
  readonly at?: Moment;
  @Code(['reached', 'no_answer', 'bounced'] as const)
  readonly result!: 'reached' | 'no_answer' | 'bounced';
  @Flag({ optional: true, description: 'Said something on the matter itself; false when absent' })
  readonly substantive?: boolean;
  @Flag({ optional: true, description: 'The complainant asks where it stands (R45)' })
  readonly asksForUpdate?: boolean;
  @Text({ max: 20_000, optional: true })
  readonly content?: string;
}

@Schema({ summary: 'Add a note; internal for ever (T26)', example: { text: 'Check the kitchen camera.' } })
export class AddNote extends ComplaintCommand {
  @Text({ max: 20_000 })
  readonly text!: string;
}
