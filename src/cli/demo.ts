import { Command, InvalidArgumentError } from 'commander';
import type { Role } from '../access/actor.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrendsAnswer } from '../../projections/trends/query.js';
import type { ComplaintList } from '../api/answers/complaints.js';
import type { QueuePage } from '../api/answers/queue.js';
import { Caller } from '../demo/caller.js';
import { deviations, report } from '../demo/report.js';
import { play, type PlayResult } from '../demo/player.js';
import { SimulatedClock } from '../demo/simulated-clock.js';
import { stories } from '../demo/stories/catalogue.js';
import { startTime, SIMULATED_DAYS } from '../demo/timetable.js';
import { systemClock } from '../platform/clock.js';
import { loadConfiguration } from '../platform/configuration.js';
import { startService, type Service } from '../app/service.js';
import { UserError, print, printNotice } from './invocation.js';
import { queueTable } from './queue.js';
import { trendsTable } from './trends.js';

interface Options {
  readonly once?: true;
  readonly port: number;
}

export const demoCommand = (): Command =>
  new Command('demo')
    .description(`run the service in a new folder with ${String(SIMULATED_DAYS / 7)} simulated weeks of complaints`)
    .option('--once', 'end after the report and remove the folder')
    .option('--port <number>', 'port to listen on; 0 picks a free one', portOption, 0)
    .action(async ({ once, port }: Options) => {
      const folder = mkdtempSync(join(tmpdir(), 'redress-demo-'));
      print(`The demo stores its files in ${folder}`);
      try {
        await runDemo(folder, port, once === true);
      } finally {
        if (once === true) rmSync(folder, { recursive: true, force: true });
      }
    });

/**
 * Plays the stories and prints a report; then, without `once`, waits for a signal.
 * @throws UserError if a story failed
 */
async function runDemo(folder: string, port: number, once: boolean): Promise<void> {
  const now = systemClock.now();
  const clock = new SimulatedClock(startTime(now), systemClock);
  const configuration = loadConfiguration({ REDRESS_DATA: folder, REDRESS_PORT: String(port), REDRESS_LOG: 'warn' });
  const service = await startService({ configuration, clock, startTimers: false });
  try {
    const caller = new Caller(service.url, (role) => keyOf(service, role));
    const startedAt = performance.now();
    const result = await play(stories, now, clock, caller, weekPrinter());
    clock.release(); // from now on, time passes as usual
    service.startTimers();
    const seconds = (performance.now() - startedAt) / 1000;
    await printReport(result, now, seconds, caller, service, folder);
    const failedStories = deviations(result.stories);
    if (failedStories.length > 0)
      throw new UserError(['some stories did not reach their expected end:', ...failedStories].join('\n  '));
    if (!once) await waitForSignal(folder);
  } finally {
    await service.stop();
  }
}

async function printReport(
  { stories: results, position }: PlayResult,
  now: string,
  seconds: number,
  caller: Caller,
  service: Service,
  folder: string,
): Promise<void> {
  const minPosition = position === undefined ? '' : `&minPosition=${encodeURIComponent(position)}`;
  const queue = await caller.get<QueuePage>(`/v1/queue?limit=200${minPosition}`);
  const trends = await caller.get<TrendsAnswer>(`/v1/trends?groupBy=outcome${minPosition}`);
  const requests = results.reduce((sum, story) => sum + story.requests, 0);
  const events = results.reduce((sum, story) => sum + story.events, 0);
  print(`\nWhat happened\n${report(results, now)}`);
  print(
    `${String(results.length)} complaints, ${String(requests)} requests, ${String(events)} events, ` +
      `${String(SIMULATED_DAYS)} days in ${seconds.toFixed(1)} s`,
  );
  print(`\nThe queue\n${queueTable(queue.items)}`);
  print(`\nTrends by outcome\n${trendsTable(trends)}`);
  const [longestStory] = [...results].sort((one, other) => other.events - one.events);
  const reference = longestStory?.reference ?? '';
  const found = await caller.get<ComplaintList>(`/v1/complaints?reference=${reference}${minPosition}`);
  const [words = ''] = /[\p{L}\p{N}]+/u.exec(found.items[0]?.issue ?? found.items[0]?.product ?? '') ?? [];
  print(`\nAddresses\n${addresses({ reference, words }, service, folder).join('\n')}`);
}

/** A complaint of the demo, and words that find it. */
interface Example {
  readonly reference: string;
  readonly words: string;
}

function addresses({ reference, words }: Example, { url, keys }: Service, folder: string): string[] {
  return [
    `  in a browser   ${url}/docs (choose Authorize and enter a key)`,
    `  keys           ${join(folder, 'keys.json')}`,
    '',
    'In another terminal',
    `  npx redress --data '${folder}' queue`,
    `  npx redress --data '${folder}' find --words '${words}'`,
    `  npx redress --data '${folder}' show ${reference}`,
    `  npx redress --data '${folder}' do ${reference} add-note text='Called back'`,
    `  npx redress --data '${folder}' history ${reference}`,
    `  curl -H 'Authorization: Bearer ${keys.ofRole('auditor')?.key ?? ''}' ${url}/v1/complaints/${reference}/history`,
  ];
}

function keyOf({ keys }: Service, role: Role): string {
  const credential = keys.ofRole(role);
  if (credential === undefined)
    throw new UserError(`keys.json has no credential with the role ${role}; add one and start again`);
  return credential.key;
}

/** Returns a function that prints a line to standard error at the first request of each simulated week. */
function weekPrinter(): (request: { readonly at: string }) => void {
  let week = 0;
  let start: number | undefined;
  return ({ at }) => {
    start ??= Date.parse(at);
    const current = 1 + Math.floor((Date.parse(at) - start) / (7 * 86_400_000));
    if (current <= week) return;
    week = current;
    printNotice(`Playing week ${String(week)}, from ${at.slice(0, 10)}`);
  };
}

/** Resolves at SIGINT or SIGTERM. */
async function waitForSignal(folder: string): Promise<void> {
  print('\nThe service runs until you press Ctrl-C.');
  await new Promise<void>((resolve) => {
    process.on('SIGINT', resolve);
    process.on('SIGTERM', resolve);
  });
  print(`Stopped. The files of the demo remain in ${folder}`);
}

function portOption(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('use a port from 0 to 65535');
  return port;
}
