import { Jobs, type Work } from './jobs.js';

describe('jobs', () => {
  let now = 0;
  const clock = { now: () => new Date(Date.UTC(2026, 10, 22, 9, 0, now++)).toISOString() };
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  /** Work that ends when the test ends it. */
  function started(jobs: Jobs, kind = 'rebuild', subject = 'trends') {
    let work: Work | undefined;
    let end: (result: object | Error) => void = () => undefined;
    const job = jobs.start(kind, subject, (given) => {
      work = given;
      return new Promise((resolve, reject) => {
        end = (result) => (result instanceof Error ? reject(result) : resolve(result));
      });
    });
    return { job, work: work as unknown as Work, end };
  }

  test('run, report progress, and keep their result', async () => {
    const jobs = new Jobs(clock);
    const { job, work, end } = started(jobs);
    expect(job).toMatchObject({ kind: 'rebuild', subject: 'trends', state: 'running' });
    work.progress({ events: 7 });
    expect(jobs.find(job.id)).toMatchObject({ state: 'running', progress: { events: 7 } });
    end({ swapped: true });
    await turn();
    expect(jobs.find(job.id)).toMatchObject({ state: 'done', result: { swapped: true }, endedAt: expect.any(String) });
  });

  test('fail with a reason', async () => {
    const jobs = new Jobs(clock);
    const { job, end } = started(jobs);
    end(new Error('the disk is full'));
    await turn();
    expect(jobs.find(job.id)).toMatchObject({ state: 'failed', error: 'the disk is full' });
  });

  test('stop on request', async () => {
    const jobs = new Jobs(clock);
    const { job, work, end } = started(jobs);
    expect(jobs.cancel(job.id)).toBe(true);
    expect(work.signal.aborted).toBe(true);
    end(new Error('stopped'));
    await turn();
    expect(jobs.find(job.id)).toMatchObject({ state: 'cancelled' });
    expect(jobs.cancel('nobody')).toBe(false);
  });

  test.each([
    ['too late', { outcome: 'equal', swapped: true }, 'done'],
    ['in time', { outcome: 'cancelled', swapped: false }, 'cancelled'],
  ])('that were cancelled %s have the state of their result', async (_, result, state) => {
    const jobs = new Jobs(clock);
    const { job, end } = started(jobs);
    jobs.cancel(job.id);
    end(result);
    await turn();
    expect(jobs.find(job.id)).toMatchObject({ state, result });
  });

  test('fail when the work throws at once', async () => {
    const jobs = new Jobs(clock);
    const job = jobs.start('compare', 'trends', () => {
      throw new Error('there is no such thing');
    });
    await turn();
    expect(jobs.find(job.id)).toMatchObject({ state: 'failed', error: 'there is no such thing' });
  });

  test('of one kind and subject are shared while they run', async () => {
    const jobs = new Jobs(clock);
    const { job, end } = started(jobs, 'verify', 'event store');
    const never = () => Promise.reject(new Error('is not started'));
    expect(jobs.startOrJoin('verify', 'event store', never).id).toBe(job.id);
    expect(jobs.list()).toHaveLength(1);
    end({});
    await turn();
    expect(jobs.startOrJoin('verify', 'event store', () => Promise.resolve({})).id).not.toBe(job.id);
  });

  test('that ended are removed beyond the maximum, running ones never', async () => {
    const jobs = new Jobs(clock);
    const { job: running } = started(jobs);
    const { job: first, end } = started(jobs);
    end({});
    await turn();
    for (let index = 0; index < 150; index++) {
      jobs.start('compare', 'trends', () => Promise.resolve({}));
      await turn();
    }
    expect(jobs.find(first.id)).toBeUndefined();
    expect(jobs.find(running.id)).toMatchObject({ state: 'running' });
    expect(jobs.list().length).toBeLessThanOrEqual(103);
    expect(jobs.list().at(-1)?.id).toBe(running.id);
  });

  test('are all asked to stop at shutdown', () => {
    const jobs = new Jobs(clock);
    const works = [started(jobs).work, started(jobs).work];
    jobs.cancelAll();
    expect(works.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });
});
