import 'reflect-metadata';
import { Command, CommanderError } from 'commander';
import { demoCommand } from './demo.js';
import { historyCommand } from './history.js';
import { importCommand } from './import.js';
import { explained, printNotice } from './invocation.js';
import { projectionsCommand } from './projections.js';
import { queueCommand } from './queue.js';
import { reconcileCommand } from './reconcile.js';
import { serveCommand } from './serve.js';
import { trendsCommand } from './trends.js';
import { verifyCommand } from './verify.js';

/** Runs the `redress` command. What a person can mend is told in one line; anything else with its stack. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(); // whoever read our output has enough
  });
  const program = new Command('redress')
    .description('complaint handling that can prove what happened')
    .option('--data <dir>', 'folder of everything that is kept (REDRESS_DATA)')
    .showHelpAfterError()
    .exitOverride();
  const commands = [
    serveCommand,
    demoCommand,
    importCommand,
    historyCommand,
    verifyCommand,
    queueCommand,
    trendsCommand,
    projectionsCommand,
    reconcileCommand,
  ];
  for (const command of commands) program.addCommand(command());
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else {
      printNotice(`redress: ${explained(error)}`);
      process.exitCode = 1;
    }
  }
}
