import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/platform/json.js';
import type { RunningApp } from '../support/app.js';
import { Client, type Reply } from '../support/client.js';
import {
  isFile,
  SENT,
  type CommandOutcome,
  type FileOutcome,
  type Sent,
  type SentCommand,
  type SentFile,
} from './files.js';

/** Sends the requests of requests.ndjson one by one, with correlation ids that are the same in every run. */
export class GoldenSender {
  private readonly client: Client;
  /** The lodged complaints, by their names in requests.ndjson. */
  private readonly complaints = new Map<string, { readonly id: string; readonly reference: string }>();

  constructor(private readonly app: RunningApp) {
    this.client = new Client(app);
  }

  send(sent: SentCommand): Promise<CommandOutcome>;
  send(sent: SentFile): Promise<FileOutcome>;
  send(sent: Sent): Promise<CommandOutcome | FileOutcome>;
  send(sent: Sent): Promise<CommandOutcome | FileOutcome> {
    return isFile(sent) ? this.sendFile(sent) : this.sendCommand(sent);
  }

  private async sendCommand(sent: SentCommand): Promise<CommandOutcome> {
    const { complaint, command, key, body, ifMatch } = sent;
    const path = command === 'lodge' ? '/v1/complaints' : `/v1/complaints/${this.addressOf(sent)}/${command}`;
    const reply: Reply<JsonObject> = await this.client.post<JsonObject>(path, body, {
      as: sent.as,
      key,
      headers: {
        'x-correlation-id': `golden/${key}`,
        ...(ifMatch !== undefined && { 'if-match': `"${String(ifMatch)}"` }),
      },
    });
    const { id, reference } = reply.body;
    if (command === 'lodge' && typeof id === 'string' && typeof reference === 'string')
      this.complaints.set(complaint, { id, reference });
    return { key, status: reply.status, body: reply.body };
  }

  /** The id or reference of a complaint for the path. */
  private addressOf({ complaint, by }: SentCommand): string {
    const known = this.complaints.get(complaint);
    if (known === undefined) return complaint;
    return by === 'reference' ? known.reference.replaceAll('-', '').toLowerCase() : known.id;
  }

  private async sendFile({ as, file, path }: SentFile): Promise<FileOutcome> {
    const reply = await this.client.call<string>(path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.app.keyOf(as)}`,
        'content-type': file.endsWith('.csv') ? 'text/csv' : 'application/x-ndjson',
        'x-correlation-id': `golden/${file}`,
      },
      body: readFileSync(join(SENT, file)),
    });
    const lines = reply.body.trimEnd().split('\n');
    const results = lines.map((line) => JSON.parse(line) as FileOutcome['results'][number]);
    const summary = results.pop() ?? {};
    return { file, status: reply.status, results, summary };
  }
}
