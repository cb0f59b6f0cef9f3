import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compact } from './canonical.js';
import { EVENTS, OUTCOMES, RECORDED, ROWS, sentRequests } from './files.js';
import { startGoldenApp } from './golden-app.js';
import { rowsOf } from './rows.js';
import { GoldenSender } from './sender.js';

// Makes the golden store anew, with the code of this checkout. It is no test and runs by hand only:
//   npx jest --selectProjects e2e --testMatch '**/golden/make.ts'
test('the golden store is made', async () => {
  const requests = sentRequests();
  let now = requests[0]?.at ?? '';
  const app = await startGoldenApp({ now: () => now }, 'empty');
  try {
    const sender = new GoldenSender(app);
    const outcomes: string[] = [];
    for (const request of requests) {
      now = request.at;
      outcomes.push(compact(await sender.send(request)));
    }
    await app.close();
    const events = join(app.data, 'events.db');
    const log = statSync(`${events}-wal`, { throwIfNoEntry: false });
    if (log !== undefined && log.size > 0) throw new Error('the write-ahead log holds events: the file is not whole');
    mkdirSync(RECORDED, { recursive: true });
    copyFileSync(events, EVENTS);
    writeFileSync(ROWS, `${rowsOf(events).join('\n')}\n`);
    writeFileSync(OUTCOMES, `${outcomes.join('\n')}\n`);
  } finally {
    await app.stop();
  }
});
