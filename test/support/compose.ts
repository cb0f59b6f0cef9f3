import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './doc-snippets.js';
import { describeUnless } from './skip.js';

/** The command of Docker Compose on this machine; undefined if it is not installed. */
const compose = [
  [join(root, 'node_modules/.cache/redress-compose/bin/docker-compose')],
  ['docker', 'compose'],
  ['docker-compose'],
].find(([program = '', ...args]) => spawnSync(program, [...args, 'version']).status === 0);

export interface Service {
  readonly image?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly { readonly host_ip?: string; readonly target: number }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly target: string }[];
}
export interface Composition {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
}

/**
 * A compose file as Docker Compose reads it. Expects no warning or error.
 * @param variables path of a file with values for the variables of the compose file
 */
export function configOf(file: string, variables?: string): Composition {
  const [program = '', ...args] = compose ?? [];
  const variableOptions = variables === undefined ? [] : ['--env-file', variables];
  const parsed = spawnSync(program, [...args, ...variableOptions, '-f', file, 'config', '--format', 'json'], {
    cwd: root,
    encoding: 'utf8',
  });
  const { status, stdout, stderr } = parsed;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Composition;
}

/** Describes tests that need Docker Compose; skips them if it is not installed. */
export const describeCompose = describeUnless(
  compose === undefined ? 'Docker Compose is not installed; .ci/run installs it' : undefined,
);
