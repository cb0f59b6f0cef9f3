import { systemClock } from '../platform/clock.js';
import { Jobs } from '../platform/jobs.js';
import { JobsController } from './jobs.controller.js';

const ROOT = 'a'.repeat(64);

test('a verification is joined by an equal request and refuses others while it runs', () => {
  // this verification never ends
  const controller = new JobsController(new Jobs(systemClock), async function* () {
    await new Promise(() => undefined);
    yield { kind: 'progress', events: 0, position: '' };
  });
  const first = controller.verify({ against: { events: 2, root: ROOT } });
  expect(controller.verify({ against: { events: 2, root: ROOT } }).id).toBe(first.id);
  for (const other of [{}, { against: { events: 1, root: ROOT } }, { against: { events: 2, root: 'b'.repeat(64) } }])
    expect(() => controller.verify(other)).toThrow(/^verification_running: /);
});
