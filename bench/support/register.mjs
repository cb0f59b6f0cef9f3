import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/** Writes a CSV file with the columns and vocabulary of the CFPB's complaint register; the rows are invented. */
export async function writeRegister(path, rows) {
  const file = createWriteStream(path);
  file.write(
    'Date received,Product,Sub-product,Issue,Sub-issue,Company,State,ZIP code,Consumer consent provided?,Submitted via,' +
      'Date sent to company,Company response to consumer,Timely response?,Consumer disputed?,Complaint ID\n',
  );
  const pick = (list, number) => list[number % list.length];
  for (let row = 0; row < rows; row++) {
    const day = `${String(1 + (row % 12))}/${String(1 + (row % 28))}/${String(2013 + (row % 4))}`;
    const line = [
      day,
      pick(['Mortgage', 'Credit card', 'Debt collection', 'Consumer Loan', 'Student loan'], row),
      pick(['Conventional fixed mortgage', '', 'Vehicle loan'], row),
      pick(['"Loan servicing, payments, escrow account"', 'Billing disputes', 'Deposits and withdrawals'], row),
      '',
      `Company ${String(row % 400)}`,
      pick(['NY', 'CA', 'TX', 'FL', 'GA'], row),
      String(10_000 + (row % 80_000)),
      'N/A',
      pick(['Web', 'Phone', 'Referral', 'Postal mail', 'Fax'], row),
      day,
      pick(
        ['Closed with explanation', 'Closed with monetary relief', 'Closed with non-monetary relief', 'Closed'],
        row,
      ),
      row % 33 === 0 ? 'No' : 'Yes',
      row % 5 === 0 ? 'Yes' : 'No',
      String(1_000_000 + row),
    ];
    if (!file.write(`${line.join(',')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}
