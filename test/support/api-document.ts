import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './doc-snippets.js';

/* Compares the answers that tests receive with openapi.json, so that a missing, wrong or undescribed field fails a test. */

/** An answer of the service. */
export interface ApiAnswer {
  readonly method: string;
  /** Path of the request with its query. */
  readonly path: string;
  readonly status: number;
  /** The header Content-Type. */
  readonly type: string;
  readonly text: string;
}

interface ApiResponse {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

interface ApiDocument {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, ApiResponse>> }>>>
  >;
  readonly components: { readonly schemas: object; readonly responses: Readonly<Record<string, ApiResponse>> };
}

/** The text of an answer of the service. @throws Error if the answer does not match openapi.json */
export async function checkedText(method: string, path: string, response: Response): Promise<string> {
  const { status, headers } = response;
  const text = await response.text();
  checkAnswer({ method, path, status, type: headers.get('content-type') ?? '', text });
  return text;
}

/** @throws Error if the answer does not match openapi.json */
export function checkAnswer(answer: ApiAnswer): void {
  const faults = faultsOf(answer);
  if (faults.length === 0) return;
  const { method, path, status, text } = answer;
  throw new Error(
    `${method} ${path} was answered ${String(status)}, which differs from openapi.json:\n${faults.join('\n')}\n` +
      `(after a change of the API, run \`npm run openapi\`)\n${text.slice(0, 2000)}`,
  );
}

/** How the answer differs from the document; empty if it matches. */
export function faultsOf({ method, path, status, type, text }: ApiAnswer): readonly string[] {
  const mediaType = type.split(';', 1)[0] ?? '';
  const response = responseOf(method, path, String(status));
  // an unknown route or method has no operation in the document, but its answer is a problem too
  const isOutside = response === undefined && mediaType === PROBLEM_JSON && /"code":"[a-z]/.test(text);
  if (isOutside)
    return OUTSIDE.test(text) ? faultsOfValue(PROBLEM_SCHEMA, JSON.parse(text)) : ['the status is not described'];
  if (response === undefined) return path.startsWith('/docs') ? [] : ['the operation or its status is not described'];
  const schema = response.content?.[mediaType]?.schema;
  if (schema === undefined) return [`the content type ${type} is not described`];
  if (mediaType.startsWith('text/')) return [];
  const value: unknown = mediaType === JSON_LINES ? linesOf(text) : JSON.parse(text);
  return faultsOfValue(schema, value);
}

const PROBLEM_JSON = 'application/problem+json';
const JSON_LINES = 'application/x-ndjson';
const PROBLEM_SCHEMA = { $ref: '#/components/schemas/Problem' };
/** Codes of problems that do not come from an operation. */
const OUTSIDE = /"code":"(route_unknown|method_not_allowed|credentials_missing|credentials_invalid|shutting_down)"/;

const linesOf = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

const document = JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8'), closedWithRules) as ApiDocument;

/**
 * Closes each object schema that does not say whether it is open, and adds the rules between its fields (extension
 * `x-rules`). The document leaves answers open, because clients must accept members of later versions.
 */
function closedWithRules(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('properties' in value) || !('type' in value)) return value;
  const { 'x-rules': rules, ...schema } = value as Record<string, unknown>;
  return { additionalProperties: false, ...schema, ...(rules as object | undefined) };
}

/** The paths of the document as patterns, those with the fewest parameters first. */
const operations = Object.entries(document.paths)
  .map(([template, methods]) => ({
    parameters: template.split('{').length,
    pattern: new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    methods,
  }))
  .sort((one, other) => one.parameters - other.parameters);

function responseOf(method: string, path: string, status: string): ApiResponse | undefined {
  const pathname = path.split('?', 1)[0] ?? '';
  const operation = operations.find(({ pattern }) => pattern.test(pathname))?.methods[method.toLowerCase()];
  const response = operation?.responses[status];
  const name = response?.$ref?.split('/').at(-1);
  return name === undefined ? response : document.components.responses[name];
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const { components } = document;
const validators = new Map<object, ValidateFunction>();

/** How a value differs from a schema of the document; empty if it matches. */
export function faultsOfValue(schema: object, value: unknown): string[] {
  let validate = validators.get(schema);
  if (validate === undefined) validators.set(schema, (validate = ajv.compile({ ...schema, components })));
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || '/'} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}
