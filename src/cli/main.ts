import 'reflect-metadata';
import { Command, CommanderError } from 'commander';
import { backupCommand, restoreCommand } from './backup.js';
import { demoCommand } from './demo.js';
import { findCommand } from './find.js';
import { doCommand } from './do.js';
import { historyCommand } from './history.js';
import { importCommand } from './import.js';
import { keysCommand } from './keys.js';
import { errorMessage, printNotice } from './invocation.js';
import { policyCommand } from './policy.js';
import { projectionsCommand } from './projections.js';
import { queueCommand } from './queue.js';
import { reconcileCommand } from './reconcile.js';
import { serveCommand } from './serve.js';
import { showCommand } from './show.js';
import { staffCommand, unitCommand } from './staff.js';
import { taxonomyCommand } from './taxonomy.js';
import { trendsCommand } from './trends.js';
import { verifyCommand } from './verify.js';

export const SUBCOMMANDS = [
  serveCommand,
  demoCommand,
  importCommand,
  historyCommand,
  verifyCommand,
  queueCommand,
  findCommand,
  showCommand,
  doCommand,
  trendsCommand,
  projectionsCommand,
  reconcileCommand,
  keysCommand,
  staffCommand,
  unitCommand,
  policyCommand,
  taxonomyCommand,
  backupCommand,
  restoreCommand,
];

/** One line for an error of the arguments, which commander reports as `error: unknown option …`. */
const refusalOf = (text: string): string =>
  `redress: ${text.trim().replace(/^error: /, '')}; --help lists what is accepted`;

/** Runs the `redress` command. Prints one line for an error. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(); // the program that reads the output has ended, for example `head`
  });
  const program = new Command('redress')
    .description('event-sourced complaint handling with a verifiable history')
    .option('--data <dir>', 'folder for the files of the service (REDRESS_DATA)')
    .configureOutput({ outputError: (text) => printNotice(refusalOf(text)) })
    .exitOverride();
  for (const command of SUBCOMMANDS) program.addCommand(command());
  for (const command of program.commands) command.copyInheritedSettings(program); // also exitOverride
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode;
    else {
      printNotice(`redress: ${errorMessage(error)}`);
      process.exitCode = 1;
    }
  }
}
