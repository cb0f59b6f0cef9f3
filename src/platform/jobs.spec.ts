import { Jobs, type JobContext } from './jobs.js';

describe('a job', () => {
  let now = 0;
  const clock = { now: () => new Date(Date.UTC(2026, 10, 22, 9, 0, now++)).toISOString() };
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

  /** Starts a job that runs until the test calls `end` with its result or error. */
  function startJob(jobs: Jobs, kind = 'rebuild', subject = 'trends') {
    let context: JobContext | undefined;
    let end: (result: object | Error) => void = () => undefined;
    const job = jobs.start(kind, subject, (jobContext) => {
      context = jobContext;
      return new Promise((resolve, reject) => {
        end = (result) => (result instanceof Error ? reject(result) : resolve(result));
      });
    });
    return { job, context: context as unknown as JobContext, end };
  }

  test('shows its progress while it runs, and its result after its end', async () => {
    const jobs = new Jobs(clock);
    const { job, context, end } = startJob(jobs);
    expect(job).toMatchObject({ kind: 'rebuild', subject: 'trends', state: 'running' });
    context.progress({ events: 7 });
    expect(jobs.find(job.id)).toMatchObject({ state: 'running', progress: { events: 7 } });
    end({ swapped: true });
    await nextTurn();
    expect(jobs.find(job.id)).toMatchObject({ state: 'done', result: { swapped: true }, endedAt: expect.any(String) });
  });

  test('that fails has the state failed and the error message', async () => {
    const jobs = new Jobs(clock);
    const { job, end } = startJob(jobs);
    end(new Error('the disk is full'));
    await nextTurn();
    expect(jobs.find(job.id)).toMatchObject({ state: 'failed', error: 'the disk is full' });
  });

  test('that stops because it was cancelled has the state cancelled', async () => {
    const jobs = new Jobs(clock);
    const { job, context, end } = startJob(jobs);
    expect(jobs.cancel(job.id)).toBe(true);
    expect(context.signal.aborted).toBe(true);
    end(new Error('stopped'));
    await nextTurn();
    expect(jobs.find(job.id)).toMatchObject({ state: 'cancelled' });
    expect(jobs.cancel('unknown-id')).toBe(false);
  });

  test.each([
    ['too late', { outcome: 'equal', swapped: true }, 'done'],
    ['in time', { outcome: 'cancelled', swapped: false }, 'cancelled'],
  ])('that is cancelled %s has the state that follows from its result', async (_, result, state) => {
    const jobs = new Jobs(clock);
    const { job, end } = startJob(jobs);
    jobs.cancel(job.id);
    end(result);
    await nextTurn();
    expect(jobs.find(job.id)).toMatchObject({ state, result });
  });

  test('whose work throws before it returns a promise has the state failed', async () => {
    const jobs = new Jobs(clock);
    const job = jobs.start('compare', 'trends', () => {
      throw new Error('there is no projection');
    });
    await nextTurn();
    expect(jobs.find(job.id)).toMatchObject({ state: 'failed', error: 'there is no projection' });
  });

  test('is shared with startOrJoin while it runs, if kind and subject are equal', async () => {
    const jobs = new Jobs(clock);
    const { job, end } = startJob(jobs, 'verify', 'event store');
    const notStarted = () => Promise.reject(new Error('must not be started'));
    expect(jobs.startOrJoin('verify', 'event store', notStarted).id).toBe(job.id);
    expect(jobs.list()).toHaveLength(1);
    end({});
    await nextTurn();
    expect(jobs.startOrJoin('verify', 'event store', () => Promise.resolve({})).id).not.toBe(job.id);
  });

  test('that has ended is removed when 100 later jobs have ended; a running job is never removed', async () => {
    const jobs = new Jobs(clock);
    const { job: running } = startJob(jobs);
    const { job: first, end } = startJob(jobs);
    end({});
    await nextTurn();
    for (let index = 0; index < 150; index++) {
      jobs.start('compare', 'trends', () => Promise.resolve({}));
      await nextTurn();
    }
    expect(jobs.find(first.id)).toBeUndefined();
    expect(jobs.find(running.id)).toMatchObject({ state: 'running' });
    expect(jobs.list().length).toBeLessThanOrEqual(103);
    expect(jobs.list().at(-1)?.id).toBe(running.id);
  });

  test('is asked to stop by cancelAll', () => {
    const jobs = new Jobs(clock);
    const contexts = [startJob(jobs).context, startJob(jobs).context];
    jobs.cancelAll();
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, true]);
  });
});
