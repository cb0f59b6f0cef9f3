import { Controller, Get, Inject, Query } from '@nestjs/common';
import { Keys } from '../access/keys.js';
import { Text } from '../platform/fields.js';
import { Answer, Describe } from '../platform/http/describe.js';
import { QueryPipe } from '../platform/http/query-pipe.js';
import { Proof } from './answers/proof.js';

export const PROOF_PATH = 'proof';

/** The address of this service, as server.json names it; set when the service listens. */
export class ServiceAddress {
  url = '';
}

export class ProofParameters {
  @Text({
    max: 64,
    form: { pattern: /^[0-9a-f]{64}$/, name: '64 hexadecimal digits' },
    description: 'A random number that was never used before',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  readonly nonce!: string;
}

/** Proves to the command line that this process has the keys of its data folder, before it sends one of them. */
@Controller(PROOF_PATH)
export class ProofController {
  constructor(
    @Inject(Keys) private readonly keys: Keys,
    @Inject(ServiceAddress) private readonly address: ServiceAddress,
  ) {}

  @Get()
  @Describe({
    id: 'proof',
    summary: 'Prove that this service has the keys of its data folder',
    tag: 'operations',
    isPublic: true,
    query: ProofParameters,
  })
  @Answer(200, Proof, { description: 'The proof' })
  prove(@Query(new QueryPipe(ProofParameters)) { nonce }: ProofParameters): Proof {
    return { proof: this.keys.proofFor(this.address.url, nonce) };
  }
}
