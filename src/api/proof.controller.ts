import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { Keys } from '../access/keys.js';
import { Text } from '../platform/fields.js';
import { QueryPipe } from '../platform/http/query-pipe.js';

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
  @ApiOperation({
    operationId: 'proof',
    summary: 'Prove that this service has the keys of its data folder',
    security: [],
    tags: ['operations'],
  })
  @ApiResponse({
    status: 200,
    description: 'HMAC-SHA256 over the address of the service and the nonce',
    schema: { type: 'object', required: ['proof'], properties: { proof: { type: 'string' } } },
  })
  prove(@Query(new QueryPipe(ProofParameters)) { nonce }: ProofParameters): { readonly proof: string } {
    return { proof: this.keys.proofFor(this.address.url, nonce) };
  }
}
