// How many rows of a public register are imported in a second, validated, decided and on disk?
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { DeskSender } from '../dist/src/bulk/desk-sender.js';
import { RecordingDesk } from '../dist/src/complaint/complaint-desk.js';
import { complaintCommands } from '../dist/src/complaint/table.js';
import { openSqliteEventStore } from '../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { importCfpb } from '../dist/src/import/import-cfpb.js';
import { systemClock } from '../dist/src/platform/clock.js';
import { loadConfiguration } from '../dist/src/platform/configuration.js';
import { timed } from './support/figures.mjs';
import { ask } from './support/question.mjs';

await ask('Importing a register', async ({ answer, folder, full }) => {
  const rows = full ? 100_000 : 20_000;
  const file = join(folder, 'register.csv');
  await writeRegister(file, rows);
  const store = await openSqliteEventStore(join(folder, 'events.db'));
  const desk = new RecordingDesk(store, systemClock, {
    settings: loadConfiguration({}).house,
    onlyWriter: true,
    findByReference: async () => undefined,
  });
  const sender = new DeskSender({
    desk,
    commands: new Map(complaintCommands.map(({ command }) => [command.name, command])),
    digestKey: Buffer.alloc(32, 1),
    credential: 'upstream',
    actor: { type: 'upstream', id: 'upstream-1', role: 'upstream' },
  });
  const run = () =>
    timed(() =>
      importCfpb([file], {
        sender,
        onRejected: ({ reason }) => {
          throw new Error(`a row was rejected: ${reason}`);
        },
        onWarning: () => undefined,
      }),
    );
  const first = await run();
  answer.figure('rows, new', rows / first.seconds, 'rows/s');
  answer.figure('events, new', first.result.newEvents / first.seconds, 'events/s');
  const again = await run();
  if (again.result.newEvents !== 0) throw new Error('the second import added events');
  answer.figure('rows, all there already', rows / again.seconds, 'rows/s');
  await store.close();
});

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
