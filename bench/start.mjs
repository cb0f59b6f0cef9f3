// How long does a service with a long history take from its start to its first answered command?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadKeys } from '../dist/src/access/keys.js';
import { median, timed } from './support/figures.mjs';
import { log, NARRATIVE, writeLog } from './support/histories.mjs';
import { service, withoutOurs } from './support/processes.mjs';
import { ask, say } from './support/question.mjs';

const entry = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));

await ask('Start to the first answered command', async ({ answer, folder, full }) => {
  const events = full ? 1_000_000 : 100_000;
  const at = `${events.toLocaleString('en')} events`;
  const data = join(folder, 'durable');
  mkdirSync(data);
  say(`writing ${at}`);
  await writeLog(join(data, 'events.db'), log(events, { open: 1000 }));
  const { key } = loadKeys(data).ofRole('handler');

  const behind = await started(data, key);
  answer.figure(`start, no read model built yet, ${at}`, behind.seconds, 's');
  say('projecting them');
  const first = await service(folder);
  const { seconds } = await timed(() => first.ask('caughtUp'));
  answer.figure(`then until the read models have caught up, ${at}`, seconds, 's');
  answer.memory(`the service that projects ${at}`, await first.ask('peakMemory'));
  await first.stop();

  const starts = [];
  for (let round = 0; round < 3; round++) starts.push((await started(data, key)).seconds);
  answer.figure(`start, read models caught up, ${at}`, median(starts), 's');
  answer.ratio(`start in seconds, ${at}`, median(starts), { atMost: 3 });
});

/** Measures from the start of the process until a complaint is lodged, and stops the service. */
async function started(data, key) {
  const began = performance.now();
  const child = spawn(process.execPath, [entry], {
    env: { ...withoutOurs(), REDRESS_DATA: data, REDRESS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  let url;
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
      'idempotency-key': `start-${String(began)}-${String(child.pid)}`,
    },
    body: JSON.stringify({ channel: 'phone', narrative: NARRATIVE }),
  });
  const seconds = (performance.now() - began) / 1000;
  if (response.status !== 201) throw new Error(`the first command was answered ${String(response.status)}`);
  child.kill();
  await gone;
  return { seconds };
}
