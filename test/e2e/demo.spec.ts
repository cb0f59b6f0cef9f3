import { exec, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { HistoryEntry } from '../../src/audit/history.js';
import { Caller } from '../../src/demo/caller.js';
import { deviations } from '../../src/demo/report.js';
import { play, type StoryResult } from '../../src/demo/player.js';
import { SimulatedClock } from '../../src/demo/simulated-clock.js';
import { stories } from '../../src/demo/stories/catalogue.js';
import type { Story } from '../../src/demo/story.js';
import { requestsOf, startTime } from '../../src/demo/timetable.js';
import { systemClock } from '../../src/platform/clock.js';
import { instant } from '../../src/platform/moment.js';
import { startApp } from '../support/app.js';

const execute = promisify(exec);

const storyOf = (id: string): Story => {
  const story = stories.find((one) => one.id === id);
  if (story === undefined) throw new Error(`there is no story ${id}`);
  return story;
};

describe('demo stories that are played through the API', () => {
  const now = systemClock.now();
  const correct = ['telecom-broadband-outage', 'restaurant-cold-dish', 'delivery-wrong-door'].map(storyOf);
  const wrongEnd: Story = {
    ...storyOf('delivery-late-meal'),
    id: 'wrong-end',
    ends: { stage: 'Responded', status: 'handled' },
  };
  /** `accept-assignment` is refused, because no handler is assigned. */
  const refusedStep: Story = {
    ...storyOf('software-cannot-cancel'),
    id: 'refused-step',
    steps: storyOf('software-cannot-cancel').steps.filter(({ command }) => command !== 'assign'),
  };
  let played: readonly StoryResult[];
  let histories: Map<string, readonly HistoryEntry[]>;

  beforeAll(async () => {
    const clock = new SimulatedClock(startTime(now), systemClock);
    const app = await startApp({ clock });
    try {
      const caller = new Caller(app.url, app.keyOf);
      ({ stories: played } = await play([...correct, wrongEnd, refusedStep], now, clock, caller));
      histories = new Map();
      for (const { story, id = '' } of played) {
        const { events } = await caller.get<{ events: HistoryEntry[] }>(`/v1/complaints/${id}/history`);
        histories.set(story.id, events);
      }
    } finally {
      await app.stop();
    }
  });

  test('are recorded at the simulated time of each step, without an earlier occurredAt', () => {
    for (const story of correct) {
      const events = histories.get(story.id) ?? [];
      const times = [...new Set(events.map(({ recordedAt }) => recordedAt))];
      expect(times).toEqual(requestsOf(story, now).map(({ at }) => at));
      for (const { occurredAt, occurredAtBasis, recordedAt } of events)
        expect({ occurredAt, occurredAtBasis }).toEqual({
          occurredAt: instant(recordedAt),
          occurredAtBasis: 'recorded',
        });
    }
  });

  test('have in each event the actor of the API key that was used', () => {
    const [first] = histories.get('telecom-broadband-outage') ?? [];
    expect(first?.actor).toMatchObject({ type: 'person', id: 'intake-officer-1', role: 'intake_officer' });
  });

  test('are reported if they end differently than expected, or if a step is refused', () => {
    const [first, second, ...rest] = deviations(played);
    expect([first, second].sort()).toEqual([
      expect.stringMatching(
        /^refused-step: expected Withdrawn withdrawn, but it stopped at accept-assignment at .*not_assigned/,
      ),
      'wrong-end: expected Responded handled, but it has Closed resolved',
    ]);
    expect(rest).toEqual([]);
  });
});

describe('the demo command', () => {
  const startDemo = (...options: readonly string[]) => {
    const child = spawn(process.execPath, [resolve('bin/redress.mjs'), 'demo', ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { child, output, ended };
  };
  const folderIn = (text: string): string => /stores its files in (\S+)/.exec(text)?.[1] ?? '';

  test('with --once plays every story to its end, prints a report, and removes its files', async () => {
    const { output, ended } = startDemo('--once');
    const code = await ended;
    expect({ code, err: code === 0 ? '' : output.err }).toEqual({ code: 0, err: '' });
    const { out } = output;
    for (const { title } of stories) expect(out).toContain(title);
    expect(out).toMatch(/42 complaints, \d+ requests, \d+ events, 28 days/);
    for (const heading of ['What happened', 'The queue', 'Trends by outcome', 'Addresses'])
      expect(out).toContain(`\n${heading}\n`);
    expect(folderIn(out)).not.toBe('');
    expect(existsSync(folderIn(out))).toBe(false);
  });

  test('without --once keeps serving the printed addresses until Ctrl-C', async () => {
    const { child, output, ended } = startDemo();
    try {
      while (!output.out.includes('runs until you press Ctrl-C'))
        await Promise.race([
          once(child.stdout, 'data'),
          ended.then((code) => Promise.reject(new Error(`${code}: ${output.err}`))),
        ]);
      const [, key = '', address = ''] = /curl -H 'Authorization: Bearer ([^']+)' (\S+)/.exec(output.out) ?? [];
      const history = await fetch(address, { headers: { authorization: `Bearer ${key}` } });
      expect(history.status).toBe(200);
      const { events } = (await history.json()) as { events: HistoryEntry[] };
      expect(events[0]?.type).toBe('ComplaintReceived');
      expect(events.map(({ type }) => type)).toContain('ComplaintReopened');
      const [, docs = ''] = /in a browser +(\S+)/.exec(output.out) ?? [];
      expect((await fetch(docs)).status).toBe(200);
      const commands = [...output.out.matchAll(/^ {2}npx redress (.*)$/gm)].map(([, args = '']) => args);
      expect(commands.map((args) => /(?<=' )\w+/.exec(args)?.[0])).toEqual(['queue', 'find', 'show', 'do', 'history']);
      const reference = /show (\S+)/.exec(output.out)?.[1] ?? 'no reference';
      for (const args of commands) {
        const { stdout } = await execute(`node bin/redress.mjs ${args}`); // fails if the command fails
        expect(stdout).not.toBe('');
        if (/ (find|show|do) /.test(args)) expect(stdout).toContain(reference);
      }
      child.kill('SIGINT');
      expect(await ended).toBe(0);
    } finally {
      child.kill('SIGKILL');
      await ended;
      rmSync(folderIn(output.out), { recursive: true, force: true });
    }
  });
});
