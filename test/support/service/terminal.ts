import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { eventually } from '../eventually.js';
import { beginRedress } from './redress-command.js';
import { waitForEnd } from './service-process.js';

const isInstalled = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

/** Why no command can be run at a terminal; undefined if one can. */
export const reasonWithoutTerminal =
  isInstalled('script') && isInstalled('bash') ? undefined : 'needs script (util-linux) and bash';

/** Runs a command and its arguments at a pseudo-terminal, with the exit code of the command. */
const AT_TERMINAL = ['bash', '-c', 'exec script -qefc "${*@Q}" /dev/null', 'bash'];

export const ENTER = '\r';
export const DOWN = '\x1b[B';
export const CTRL_C = '\x03';

/** What a person waits for and then types; a function does something before that and returns the text. */
export type Step = readonly [awaited: string, typed: string | (() => Promise<string>)];

/**
 * Runs the compiled `redress` command at a pseudo-terminal. Types each text once the awaited text is shown after that of
 * the step before. Returns the exit code and everything that was shown, without control sequences.
 */
export async function atTerminal(
  folder: string,
  args: readonly string[],
  steps: readonly Step[],
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const child = beginRedress(folder, args, { under: AT_TERMINAL, takesInput: true });
  const end = waitForEnd(child);
  let output = '';
  child.stdout?.on('data', (text: string) => (output += text));
  const shown = (): string => stripVTControlCharacters(output).replaceAll('\r', '');
  let from = 0;
  for (const [awaited, typed] of steps) {
    await eventually(() => {
      const at = shown().indexOf(awaited, from);
      if (at < 0) throw new Error(`${JSON.stringify(awaited)} is not shown in\n${shown().slice(from)}`);
      from = at + awaited.length;
    });
    child.stdin?.write(typeof typed === 'string' ? typed : await typed());
  }
  const { code } = await end;
  return { code, shown: shown() };
}
