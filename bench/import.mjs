// How many rows of a public register, and commands of an upstream service, are taken in a second: validated, decided and
// on disk, by the way that `redress import` goes when no service runs?
import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { isSummary, openIntake } from '../dist/src/cli/intake.js';
import { loadConfiguration } from '../dist/src/platform/configuration.js';
import { timed } from './support/figures.mjs';
import { NARRATIVE } from './support/histories.mjs';
import { ask } from './support/question.mjs';

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
        if (result.status === 'rejected') throw new Error(`it was rejected: ${JSON.stringify(result)}`);
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
  answer.figure('register, all there already', rows / again.seconds, 'rows/s');
  const sent = await run('commands', commands);
  answer.figure('commands, new', lines / sent.seconds, 'lines/s');
  const resent = await run('commands', commands);
  if (resent.result.accepted !== 0) throw new Error('the second import accepted commands');
  answer.figure('commands, all there already', lines / resent.seconds, 'lines/s');
  const { seconds } = await timed(() => intake.close());
  answer.figure('then until the read models have caught up', seconds, 's');
});

/** Five commands a complaint, as an upstream service sends them. */
async function writeCommands(path, lines) {
  const file = createWriteStream(path);
  const steps = [
    ['ClassifyComplaint', { nature: 'complaint', points: [{ id: 'p1', category: 'delivery' }] }],
    ['AssessSeverity', { severity: 'moderate', safetyCritical: false }],
    ['AssignComplaint', { handler: 'handler-9', orgUnit: 'care' }],
    ['AddNote', { text: 'Ask the kitchen for the rota of that day.' }],
  ];
  for (let line = 0; line < lines; line++) {
    const step = line % 5;
    const complaint = String((line - step) / 5);
    const [command, data] =
      step === 0
        ? ['LodgeComplaint', { channel: 'phone', narrative: NARRATIVE, points: [{ issue: 'Dish arrived cold' }] }]
        : steps[step - 1];
    const key = `${complaint}-${String(step)}`;
    const value = { command, key, ...(step > 0 && { complaint: `${complaint}-0` }), data };
    if (!file.write(`${JSON.stringify(value)}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

/** A register in the published layout; the rows are made up, the columns and the words are not. */
async function writeRegister(path, rows) {
  const file = createWriteStream(path);
  file.write(
    'Date received,Product,Sub-product,Issue,Sub-issue,Company,State,ZIP code,Consumer consent provided?,Submitted via,' +
      'Date sent to company,Company response to consumer,Timely response?,Consumer disputed?,Complaint ID\n',
  );
  const one = (list, at) => list[at % list.length];
  for (let row = 0; row < rows; row++) {
    const day = `${String(1 + (row % 12))}/${String(1 + (row % 28))}/${String(2013 + (row % 4))}`;
    const line = [
      day,
      one(['Mortgage', 'Credit card', 'Debt collection', 'Consumer Loan', 'Student loan'], row),
      one(['Conventional fixed mortgage', '', 'Vehicle loan'], row),
      one(['"Loan servicing, payments, escrow account"', 'Billing disputes', 'Deposits and withdrawals'], row),
      '',
      `Company ${String(row % 400)}`,
      one(['NY', 'CA', 'TX', 'FL', 'GA'], row),
      String(10_000 + (row % 80_000)),
      'N/A',
      one(['Web', 'Phone', 'Referral', 'Postal mail', 'Fax'], row),
      day,
      one(['Closed with explanation', 'Closed with monetary relief', 'Closed with non-monetary relief', 'Closed'], row),
      row % 33 === 0 ? 'No' : 'Yes',
      row % 5 === 0 ? 'Yes' : 'No',
      String(1_000_000 + row),
    ];
    if (!file.write(`${line.join(',')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}
