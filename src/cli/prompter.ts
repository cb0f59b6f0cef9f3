import confirm from '@inquirer/confirm';
import input from '@inquirer/input';
import select from '@inquirer/select';
import type { Prompter } from './ask-fields.js';
import { UserError } from './invocation.js';

/** Whether a person can be asked: input is typed at a terminal, and questions are shown there. */
export const isTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** Asks on standard error, so that standard output has only the answer of the command. */
const context = { output: process.stderr };

export const terminalPrompter: Prompter = {
  text: (message, problemOf, initial) =>
    untilInterrupted(
      input(
        {
          message,
          ...(initial !== undefined && { default: initial }),
          validate: (answer) => problemOf(answer) ?? true,
        },
        context,
      ),
    ),
  choose: (message, codes) => untilInterrupted(select({ message, choices: [...codes], loop: false }, context)),
  confirm: (message, initial) => untilInterrupted(confirm({ message, default: initial }, context)),
};

/** @throws UserError if the person ends the question with Ctrl-C or Ctrl-D */
async function untilInterrupted<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError')
      throw new UserError('interrupted; nothing was sent', { cause: error });
    throw error;
  }
}
