import { randomUUID } from 'node:crypto';
import { startApp, type RunningApp } from '../../test/support/app.js';
import { eventually } from '../../test/support/eventually.js';
import type { Role } from '../access/actor.js';
import type { Clock } from '../platform/clock.js';
import { fromEpochMilliseconds, toEpochMilliseconds } from '../platform/moment.js';
import type { StoredEvent } from '../eventstore/event-store.js';

const START = '2026-11-10T12:00:00.000Z';
const HOUR_MS = 3_600_000;

/** A clock that stands still until it is set, also back. */
class SetClock implements Clock {
  private time = START;
  now(): string {
    return this.time;
  }
  /** Sets the clock to a number of hours after the start. */
  setHours(hours: number): void {
    this.time = inHours(hours);
  }
}

const inHours = (hours: number): string => fromEpochMilliseconds(toEpochMilliseconds(START) + hours * HOUR_MS);

describe('the timers', () => {
  let clock: SetClock;
  let app: RunningApp;
  beforeEach(async () => {
    clock = new SetClock();
    app = await startApp({ clock });
  });
  afterEach(() => app.stop());

  async function send(path: string, body: object, as: Role = 'handler'): Promise<{ readonly id: string }> {
    const response = await fetch(`${app.url}/v1/complaints${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${app.keyOf(as)}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as { readonly id: string };
  }

  const lodge = async (): Promise<string> =>
    (await send('', { channel: 'phone', narrative: 'the parcel is late' }, 'intake_officer')).id;

  const placeHold = (id: string, holdId: string, hours: number) =>
    send(`/${id}/place-hold`, {
      holdId,
      reason: 'awaiting_third_party',
      counterparty: 'the courier',
      expectedEnd: inHours(hours),
    });

  /** The events that the scheduler has recorded, in the order of the log: hold or remedy, time and cause. */
  async function recordedByTimers() {
    const events: StoredEvent[] = await app.service.stores.eventStore.readAll({
      prefixes: ['complaint-'],
      limit: 1000,
    });
    return events.flatMap(({ type, stream, data, metadata }) => {
      const { actor, occurredAt } = JSON.parse(metadata) as {
        readonly actor: { readonly type: string };
        readonly occurredAt: { readonly at: string };
      };
      if (actor.type !== 'scheduler') return [];
      const { holdId, cause } = JSON.parse(data) as { readonly holdId?: string; readonly cause?: string };
      return [{ type, complaint: stream.slice('complaint-'.length), holdId, cause, at: occurredAt.at }];
    });
  }

  const untilRecorded = (count: number) =>
    eventually(async () => {
      const recorded = await recordedByTimers();
      if (recorded.length < count) throw new Error(`expected ${String(count)}, found ${String(recorded.length)}`);
      return recorded;
    }, 20_000);

  /** Waits until the timers have looked at the clock several times. */
  const pass = () => new Promise((resolve) => setTimeout(resolve, 1500));

  test('release a hold at its expected end, not before, and once', async () => {
    const id = await lodge();
    await placeHold(id, 'h1', 2);
    clock.setHours(1.99);
    await pass();
    expect(await recordedByTimers()).toEqual([]);
    clock.setHours(2);
    const release = { type: 'HoldReleased', complaint: id, holdId: 'h1', cause: 'ended', at: inHours(2) };
    expect(await untilRecorded(1)).toEqual([release]);
    clock.setHours(4);
    await pass();
    expect(await recordedByTimers()).toEqual([release]);
  });

  test('catch up in the order of the due times after the clock was set forward', async () => {
    const id = await lodge();
    for (const [holdId, hours] of [
      ['h1', 30],
      ['h2', 10],
      ['h3', 20],
      ['h4', 900],
    ] as const)
      await placeHold(id, holdId, hours);
    clock.setHours(100);
    const released = await untilRecorded(3);
    expect(released.map(({ holdId, at }) => [holdId, at])).toEqual([
      ['h2', inHours(10)],
      ['h3', inHours(20)],
      ['h1', inHours(30)],
    ]);
  });

  test('send nothing twice and nothing early after the clock was set back', async () => {
    const id = await lodge();
    await placeHold(id, 'h1', 2);
    await placeHold(id, 'h2', 5);
    clock.setHours(3);
    await untilRecorded(1);
    clock.setHours(1);
    await pass();
    clock.setHours(4);
    await pass();
    expect((await recordedByTimers()).map(({ holdId }) => holdId)).toEqual(['h1']);
    clock.setHours(5);
    expect((await untilRecorded(2)).map(({ holdId }) => holdId)).toEqual(['h1', 'h2']);
  });

  test('notice a new due time that is earlier than the one they wait for', async () => {
    const id = await lodge();
    await placeHold(id, 'h1', 50);
    await pass();
    clock.setHours(1);
    await placeHold(id, 'h2', 1.001);
    clock.setHours(1.002);
    expect((await untilRecorded(1)).map(({ holdId }) => holdId)).toEqual(['h2']);
  });

  test('leave a hold alone that somebody has released', async () => {
    const id = await lodge();
    await placeHold(id, 'h1', 2);
    await send(`/${id}/release-hold`, { holdId: 'h1' });
    clock.setHours(3);
    await pass();
    expect(await recordedByTimers()).toEqual([]);
  });

  test('tell in the health and in the metrics that nothing is due', async () => {
    const headers = { authorization: `Bearer ${app.keyOf('auditor')}` };
    const health = await fetch(`${app.url}/health/ready`, { headers });
    const { checks } = (await health.json()) as { readonly checks: Record<string, unknown> };
    expect(checks.timers).toEqual({ up: true, runsHere: true, due: 0, lateSeconds: 0, refused: 0 });
    const metrics = await (await fetch(`${app.url}/metrics`, { headers })).text();
    expect(metrics).toMatch(/^redress_timers_leader 1$/m);
    expect(metrics).toMatch(/^redress_timers_due 0$/m);
    expect(metrics).toMatch(/^redress_timers_late_seconds 0$/m);
    expect(metrics).toMatch(/^redress_timers_refused 0$/m);
  });
});
