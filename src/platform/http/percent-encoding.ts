import { MAX_ERRORS, pointerStep } from '../validate-object.js';
import { invalid, Problem, type ProblemError } from './problem.js';

const WHAT_IS_EXPECTED = 'is not percent-encoded UTF-8; encode each byte of the UTF-8 text, and % itself as %25';

export const invalidPath = (): Problem => new Problem(400, 'invalid_utf8', `the path ${WHAT_IS_EXPECTED}`);

/**
 * The parser of Fastify takes a text that it cannot decode literally.
 * @throws Problem 400 `invalid_utf8` that names each parameter whose name or value is not percent-encoded UTF-8
 */
export function requireUtf8Query(url: string): void {
  const start = url.indexOf('?');
  if (start < 0 || !url.includes('%', start)) return;
  const invalidNames = new Set<string>();
  for (const parameter of url.slice(start + 1).split('&')) {
    const [rawName = ''] = parameter.split('=', 1);
    const name = decoded(rawName);
    if (name === undefined || decoded(parameter) === undefined) invalidNames.add(name ?? rawName);
  }
  if (invalidNames.size === 0) return;
  const errors = [...invalidNames].slice(0, MAX_ERRORS).map((name): ProblemError => {
    const pointer = `/${pointerStep(name)}`;
    return { pointer, code: 'invalid_utf8', message: `${pointer.slice(1)} ${WHAT_IS_EXPECTED}` };
  });
  throw invalid('invalid_utf8', errors);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
