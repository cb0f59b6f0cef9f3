// How long does a service with a long history take from the start of its process to its reply to the first command?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadKeys } from '../dist/src/access/keys.js';
import { median, timed } from './support/figures.mjs';
import { log, NARRATIVE, writeLog } from './support/histories.mjs';
import { environmentWithoutRedress, startService } from './support/processes.mjs';
import { runBenchmark, printProgress } from './support/question.mjs';

const entry = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));

await runBenchmark('From the start to the reply to the first command', async ({ answer, folder, full }) => {
  const events = full ? 1_000_000 : 100_000;
  const eventCount = `${events.toLocaleString('en')} events`;
  const data = join(folder, 'durable'); // the data folder that startService below uses
  mkdirSync(data);
  printProgress(`writing ${eventCount}`);
  await writeLog(join(data, 'events.db'), log(events, { open: 1000 }));
  const { key } = loadKeys(data).ofRole('handler');

  answer.figure(`start, no read model built yet, ${eventCount}`, await measureStart(data, key), 's');
  printProgress(`projecting ${eventCount}`);
  const service = await startService(folder);
  const { seconds } = await timed(() => service.call('waitUntilCaughtUp'));
  answer.figure(`after the next start, until the read models have caught up, ${eventCount}`, seconds, 's');
  answer.memory(`the service that projects ${eventCount}`, await service.call('peakMemory'));
  await service.stop();

  const durations = [];
  for (let round = 0; round < 3; round++) durations.push(await measureStart(data, key));
  answer.figure(`start, read models caught up, ${eventCount}`, median(durations), 's');
  answer.ratio(`start in seconds, ${eventCount}`, median(durations), { atMost: 3 });
});

/** Measures the seconds from the start of the process until a complaint is lodged, and stops the service. */
async function measureStart(data, key) {
  const startTime = performance.now();
  const child = spawn(process.execPath, [entry], {
    env: { ...environmentWithoutRedress(), REDRESS_DATA: data, REDRESS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let url; // in the first log line that has one
  for await (const line of createInterface({ input: child.stdout })) {
    url = JSON.parse(line).url;
    if (url !== undefined) break;
  }
  child.stdout.resume();
  const response = await fetch(`${url}/v1/complaints`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': `start-${String(startTime)}-${String(child.pid)}`,
    },
    body: JSON.stringify({ channel: 'phone', narrative: NARRATIVE }),
  });
  const seconds = (performance.now() - startTime) / 1000;
  if (response.status !== 201)
    throw new Error(`expected status 201 for the first command, found ${String(response.status)}`);
  child.kill();
  await exited;
  return seconds;
}
