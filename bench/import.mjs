// Measures `redress import` while no service runs: rows of a public register, and commands of an upstream service, per
// second. A row or command counts when it is validated, decided and on disk.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { isSummary, openIntake } from '../dist/src/cli/intake.js';
import { loadConfiguration } from '../dist/src/platform/configuration.js';
import { timed } from './support/figures.mjs';
import { writeCommands } from './support/complaint-commands.mjs';
import { ask } from './support/question.mjs';
import { writeRegister } from './support/register.mjs';

await ask('Importing', async ({ answer, folder, full }) => {
  const rows = full ? 100_000 : 10_000;
  const register = join(folder, 'register.csv');
  await writeRegister(register, rows);
  const lines = full ? 84_000 : 10_000;
  const commands = join(folder, 'commands.ndjson');
  await writeCommands(commands, lines);

  const intake = await openIntake(loadConfiguration({ REDRESS_DATA: join(folder, 'data') }));
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
  const imported = await run('cfpb', register);
  answer.figure('register, new', rows / imported.seconds, 'rows/s');
  answer.figure('register, new', imported.result.events / imported.seconds, 'events/s');
  const again = await run('cfpb', register);
  if (again.result.events !== 0) throw new Error('the second import added events');
  answer.figure('register, already there', rows / again.seconds, 'rows/s');
  const sent = await run('commands', commands);
  answer.figure('commands, new', lines / sent.seconds, 'lines/s');
  const resent = await run('commands', commands);
  if (resent.result.accepted !== 0) throw new Error('the second import accepted commands');
  answer.figure('commands, already there', lines / resent.seconds, 'lines/s');
  const { seconds } = await timed(() => intake.close());
  answer.figure('time until the read models have caught up', seconds, 's');
});
