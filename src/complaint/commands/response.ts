import { Code, Identifier, Schema, Text, When } from '../../platform/fields.js';
import type { Moment } from '../../platform/moment.js';
import { CHANNELS, type Channel } from '../terms/vocabulary.js';
import { ComplaintCommand } from './parts.js';

@Schema({
  summary: 'Send news on the progress: what was done, and when the next news is expected',
  example: {
    addressees: ['a1'],
    channel: 'email',
    text: 'We have asked the kitchen for its records.',
    until: '2027-01-05T17:00:00+08:00',
  },
})
export class SendProgressUpdate extends ComplaintCommand {
  @Identifier({ each: true, min: 1, max: 50, description: 'Ids of parties that may be told', example: 'a1' })
  readonly addressees!: string[];
  @Code(CHANNELS)
  readonly channel!: Channel;
  @Text({ max: 50_000, description: 'Why the complaint is not answered yet, or what was done' })
  readonly text!: string;
  @When({ description: 'When the next news or the final response is expected' })
  readonly until!: Moment;
}

@Schema({
  summary: 'Send a holding response: why the final response is late, and when it is expected',
  example: {
    addressees: ['a1'],
    channel: 'email',
    text: 'The laboratory needs two more weeks for the test.',
    until: '2027-01-05T17:00:00+08:00',
  },
})
export class SendHoldingResponse extends SendProgressUpdate {
  @Text({ max: 5000, optional: true, description: 'External recourse; required if a response policy asks for it' })
  readonly recourse?: string;
  @When({ optional: true, description: 'Until when the complainant may turn to an external body' })
  readonly referUntil?: Moment;
  @Identifier({ each: true, max: 20, optional: true, description: 'Codes of the leaflets that go with it' })
  readonly leaflets?: string[];
  @Text({ max: 35, optional: true, description: 'Language of the letter, as a language tag', example: 'en' })
  readonly language?: string;
}
