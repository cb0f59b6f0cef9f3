// Measures `redress import` while no service runs: rows of a public register per second, and commands of an upstream
// service per second. A row or command counts when it is validated, decided and on disk.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { isSummary, openIntake } from '../dist/src/cli/intake.js';
import { loadConfiguration } from '../dist/src/platform/configuration.js';
import { timed } from './support/figures.mjs';
import { writeCommands } from './support/complaint-commands.mjs';
import { runBenchmark } from './support/question.mjs';
import { writeRegister } from './support/register.mjs';

await runBenchmark('Importing', async ({ answer, folder, full }) => {
  const rows = full ? 100_000 : 10_000;
  const register = join(folder, 'register.csv');
  await writeRegister(register, rows);
  const lines = full ? 84_000 : 10_000;
  const commands = join(folder, 'commands.ndjson');
  await writeCommands(commands, lines);

  const intake = await openIntake(loadConfiguration({ REDRESS_DATA: join(folder, 'data') }));
  /** Imports a file as a batch named `kind`. Returns `seconds`, and as `result` the numbers of new events and accepted lines. */
  const run = (kind, file) =>
    timed(async () => {
      let events = 0;
      let accepted = 0;
      for await (const result of intake[kind](createReadStream(file), kind)) {
        if (isSummary(result)) continue;
        if (result.status === 'rejected') throw new Error(`rejected: ${JSON.stringify(result)}`);
        events += result.newEvents ?? 0;
        if (result.status === 'accepted') accepted++;
      }
      return { events, accepted };
    });
  const firstRows = await run('cfpb', register);
  answer.figure('register, new rows', rows / firstRows.seconds, 'rows/s');
  answer.figure('register, events of new rows', firstRows.result.events / firstRows.seconds, 'events/s');
  const repeatedRows = await run('cfpb', register);
  if (repeatedRows.result.events !== 0) throw new Error('the second import of the register added events');
  answer.figure('register, rows already recorded', rows / repeatedRows.seconds, 'rows/s');
  const firstCommands = await run('commands', commands);
  answer.figure('commands, new lines', lines / firstCommands.seconds, 'lines/s');
  const repeatedCommands = await run('commands', commands);
  if (repeatedCommands.result.accepted !== 0) throw new Error('the second import of the commands accepted a line');
  answer.figure('commands, lines already recorded', lines / repeatedCommands.seconds, 'lines/s');
  const { seconds } = await timed(() => intake.close());
  answer.figure('time to close, including read models catching up', seconds, 's');
});
