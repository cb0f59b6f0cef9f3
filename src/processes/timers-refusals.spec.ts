import { dueTimes } from '../../projections/due-times/projection.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { eventually } from '../../test/support/eventually.js';
import { replaceLiveDocuments } from '../../test/support/read-models/serve.js';
import type { Outcome } from '../complaint/submission.js';
import type { ProjectionStatus } from '../projection/projections.js';
import { Deferrals } from './deferrals.js';
import type { DueWork } from './due-plan.js';
import { ScheduledCommands } from './scheduled-commands.js';
import { Timers } from './timers.js';

const NOW = '2026-01-05T09:00:00.000Z';
const BEFORE_ALL = '2026-01-05T07:00:00.000Z';
const refused: Outcome = { accepted: false, kind: 'rejected', code: 'not_open', unmet: [] };
const unavailable: Outcome = { accepted: false, kind: 'unavailable', code: 'event_store_unavailable', unmet: [] };

/** A due hold for each complaint, one second after the other. */
const documents = (...complaints: readonly string[]) =>
  complaints.map((complaint, index) => {
    const dueAt = `2026-01-05T08:00:${String(index).padStart(2, '0')}.000Z`;
    const command = { name: 'ReleaseHold', body: { holdId: 'h1', occurredAt: dueAt } };
    const time = { subject: 'h1', purpose: 'hold', level: 'end', dueAt, command } as const;
    return { _id: complaint, _position: '1', complaint, nextDue: dueAt, due: [time], progress: {} };
  });

describe('timers that get another outcome than a recorded command', () => {
  const readModels = new FaultyReadModels();
  let now = NOW;
  afterAll(() => readModels.remove());

  /** Runs timers until `count` commands were sent; returns the complaints in the order of the commands, and the calls. */
  async function sent(count: number, outcomeOf: (work: DueWork, attempt: number) => Outcome) {
    const attempts: string[] = [];
    const reported: string[] = [];
    const failures: unknown[] = [];
    let monotonic = 0;
    let position = 1;
    const stopping = new AbortController();
    const status = () => ({ name: dueTimes.name, complete: true, position: String(position) }) as ProjectionStatus;
    const running = new Timers({
      readModels: readModels.port,
      projections: {
        status: () => ({
          projections: [status()],
          healthy: true,
          degraded: false,
          head: '1',
          observedMsAgo: 0,
          worker: 'in-process',
        }),
        waitFor: () => Promise.resolve(true),
      },
      clock: { now: () => now },
      pageSize: 2,
      submit: (work) => {
        attempts.push(work.complaint);
        position += 1; // as if the command had changed the read model
        monotonic += 20_000; // what is still due is sent again after a minute
        return Promise.resolve(outcomeOf(work, attempts.length));
      },
      deferrals: new Deferrals(() => monotonic),
      onRefused: ({ complaint }, { code }) => reported.push(`${complaint} ${code}`),
      onFailure: (error) => {
        failures.push(error);
        now = NOW;
      },
    }).run(stopping.signal);
    await eventually(() => {
      if (attempts.length < count) throw new Error(`only ${String(attempts.length)} commands were sent`);
    }, 30_000);
    stopping.abort();
    await running;
    return { attempts: attempts.slice(0, count), reported, failures };
  }

  const recorded = ({ complaint }: DueWork): Outcome => ({
    accepted: true,
    id: complaint,
    reference: '',
    revision: 1,
    position: '1',
    events: ['HoldReleased'],
    alreadyThere: true,
  });

  test('a refused command does not hold up the others, is reported once, and is tried again later', async () => {
    await replaceLiveDocuments(readModels.port, dueTimes, documents('a', 'b', 'c', 'd', 'e'));
    const { attempts, reported, failures } = await sent(9, (work) =>
      work.complaint === 'a' ? refused : recorded(work),
    );
    expect(attempts.slice(0, 5)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(attempts.slice(5)).toContain('a');
    expect(reported).toEqual(['a not_open']);
    expect(failures).toEqual([]);
  });

  test('while the store is away nothing further is sent; then everything is sent, in order', async () => {
    await replaceLiveDocuments(readModels.port, dueTimes, documents('a', 'b', 'c'));
    const { attempts, reported, failures } = await sent(5, (work, attempt) =>
      attempt <= 2 ? unavailable : recorded(work),
    );
    expect(attempts.slice(-3)).toEqual(['a', 'b', 'c']);
    expect(attempts.slice(0, 2).every((complaint) => ['a', 'b'].includes(complaint))).toBe(true);
    expect(failures.length).toBeGreaterThan(0);
    expect(reported).toEqual([]);
  });

  test('what is not due any more, because the clock was set back, is not sent, and later everything is, in order', async () => {
    await replaceLiveDocuments(readModels.port, dueTimes, documents('a', 'b', 'c'));
    const { attempts, reported, failures } = await sent(4, (work, attempt) => {
      if (attempt > 1) return recorded(work);
      now = BEFORE_ALL;
      return refused;
    });
    expect(attempts).toEqual(['a', 'a', 'b', 'c']);
    expect(reported).toEqual([]);
    expect(failures).toEqual([expect.objectContaining({ message: 'the clock was set back' })]);
  });
});

test('the scheduler may send nothing but what its row in the access table names', () => {
  const sender = new ScheduledCommands({ submit: () => Promise.resolve(refused) }, Buffer.from('key'));
  const [time] = documents('a').flatMap(({ due }) => due);
  if (time === undefined) throw new Error('expected a due time');
  const work = { ...time, complaint: 'a', position: '1' };
  expect(() => sender.submit({ ...work, command: { name: 'CloseComplaint', body: {} } })).toThrow(
    'the scheduler may not send CloseComplaint',
  );
  expect(() => sender.submit({ ...work, command: { name: 'ReleaseHold', body: {} } })).toThrow('is invalid');
});
