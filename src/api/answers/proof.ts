import { AnyText } from '../../platform/answer-fields.js';
import { Schema } from '../../platform/fields.js';

@Schema({ summary: 'Proof that the service has the keys of its data folder' })
export class Proof {
  @AnyText({
    description: 'HMAC-SHA256 over the address of the service and the nonce, hex',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  readonly proof!: string;
}
