import { setTimeout as pause } from 'node:timers/promises';
import { MODEL_NAMES } from '../projections/model-names.js';
import type { Job } from '../../../src/platform/jobs.js';
import type { RoleProcess } from './role-process.js';

/** Starts a job of a running process as the supervisor, and waits until the job ends. */
export async function runJob(process: RoleProcess, path: string): Promise<Job> {
  const { body } = await process.call(path, { method: 'POST', as: 'supervisor' });
  for (let job = body as unknown as Job; ;) {
    if (job.state !== 'running') return job;
    await pause(20);
    job = (await process.call(`/v1/jobs/${job.id}`)).body as unknown as Job;
  }
}

/** Expects every read model to equal a rebuild. The process must be the one that writes the read models. */
export async function expectModelsEqualRebuild(leader: RoleProcess): Promise<void> {
  for (const name of MODEL_NAMES)
    expect(await runJob(leader, `/v1/projections/${name}/compare`)).toMatchObject({
      state: 'done',
      result: { name, outcome: 'equal', differing: [] },
    });
}
