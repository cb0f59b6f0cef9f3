import type { JsonObject } from '../platform/json.js';
import type { Actor } from './story.js';

/** The answer of the service to a command. */
export interface CommandReply {
  readonly id: string;
  readonly reference: string;
  readonly revision: number;
  readonly position: string;
  readonly events: readonly string[];
  readonly alreadyThere: boolean;
}

/** The service refused a request. The message has the code, the detail and the fields with errors. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A client of a running service: uses HTTP, with a key for each role. */
export class Caller {
  constructor(
    private readonly url: string,
    private readonly keyOf: (role: Actor | 'auditor') => string,
  ) {}

  /** @throws CallRefused */
  lodge(by: Actor, idempotencyKey: string, body: JsonObject): Promise<CommandReply> {
    return this.post('/v1/complaints', by, idempotencyKey, body);
  }

  /** `command` in kebab case. @throws CallRefused */
  command(
    complaint: string,
    command: string,
    by: Actor,
    idempotencyKey: string,
    body: JsonObject,
  ): Promise<CommandReply> {
    return this.post(`/v1/complaints/${complaint}/${command}`, by, idempotencyKey, body);
  }

  /** Sends a query as the auditor, who may read everything. @throws CallRefused */
  async get<Answer>(path: string): Promise<Answer> {
    const response = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.keyOf('auditor')}` } });
    return answerOf<Answer>(response);
  }

  private async post(path: string, by: Actor, idempotencyKey: string, body: JsonObject): Promise<CommandReply> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.keyOf(by)}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify(body),
    });
    return answerOf<CommandReply>(response);
  }
}

interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly code: string; readonly message: string }[];
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as Answer;
  const problem = problemIn(text);
  const fieldErrors = (problem.errors ?? []).map(({ pointer = '', code, message }) =>
    `${pointer} ${code}: ${message}`.trim(),
  );
  const parts = [`${String(response.status)} ${problem.code ?? ''}`.trim(), problem.detail ?? '', ...fieldErrors];
  throw new CallRefused(response.status, problem.code ?? '', parts.filter((part) => part !== '').join('; '));
}

/** An answer that is not JSON comes from a proxy and has no code. */
function problemIn(text: string): ProblemBody {
  try {
    return JSON.parse(text) as ProblemBody;
  } catch {
    return {};
  }
}
