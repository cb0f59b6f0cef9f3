import type { JsonObject } from '../platform/json.js';
import type { Actor } from './story.js';

/** Response body of a command. */
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

/** HTTP client of a running service; sends each request with the key of a role. */
export class Caller {
  constructor(
    private readonly url: string,
    private readonly keyOf: (role: Actor | 'auditor') => string,
  ) {}

  /** @throws CallRefused */
  lodge(by: Actor, idempotencyKey: string, body: JsonObject): Promise<CommandReply> {
    return this.post('/v1/complaints', by, idempotencyKey, body);
  }

  /** `command` is the last segment of the path, such as `make-determination`. @throws CallRefused */
  command(
    complaint: string,
    command: string,
    by: Actor,
    idempotencyKey: string,
    body: JsonObject,
  ): Promise<CommandReply> {
    return this.post(`/v1/complaints/${complaint}/${command}`, by, idempotencyKey, body);
  }

  /** Sends a query with the key of the auditor, who may read everything. @throws CallRefused */
  async get<Body>(path: string): Promise<Body> {
    const response = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.keyOf('auditor')}` } });
    return bodyOf<Body>(response);
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
    return bodyOf<CommandReply>(response);
  }
}

interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly code: string; readonly message: string }[];
}

/** Returns the body of a response. @throws CallRefused if the status is not 2xx */
async function bodyOf<Body>(response: Response): Promise<Body> {
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as Body;
  const problem = parseProblem(text);
  const fieldErrors = (problem.errors ?? []).map(({ pointer = '', code, message }) =>
    `${pointer} ${code}: ${message}`.trim(),
  );
  const parts = [`${String(response.status)} ${problem.code ?? ''}`.trim(), problem.detail ?? '', ...fieldErrors];
  throw new CallRefused(response.status, problem.code ?? '', parts.filter((part) => part !== '').join('; '));
}

/** Empty if the body is not JSON, for example because a proxy sent it. */
function parseProblem(text: string): ProblemBody {
  try {
    return JSON.parse(text) as ProblemBody;
  } catch {
    return {};
  }
}
