import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compact } from './canonical.js';
import { EVENTS, OUTCOMES, RECORDED, ROWS, sentRequests } from './files.js';
import { startGoldenApp } from './golden-app.js';
import { rowsOf } from './rows.js';
import { GoldenSender } from './sender.js';

// Replaces the golden store by one that the code of this checkout writes. This is not a test; run it by hand:
//   npx jest --selectProjects e2e --testMatch '**/test/golden/make.ts'
test('write the golden store', async () => {
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
    if (log !== undefined && log.size > 0)
      throw new Error('the write-ahead log has events that the copied file would lack');
    mkdirSync(RECORDED, { recursive: true });
    copyFileSync(events, EVENTS);
    writeFileSync(ROWS, `${rowsOf(events).join('\n')}\n`);
    writeFileSync(OUTCOMES, `${outcomes.join('\n')}\n`);
  } finally {
    await app.stop();
  }
});
