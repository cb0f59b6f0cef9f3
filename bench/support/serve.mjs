// node serve.mjs durable|constant, configured by environment variables REDRESS_…
// Runs the service in a separate process. The measuring process controls it with messages {id, operation}, and gets a
// message {id, value} or {id, error} for each.
import 'reflect-metadata';
import { COMPLAINT_COMMANDS } from '../../dist/src/complaint/submission.js';
import { loadConfiguration } from '../../dist/src/platform/configuration.js';
import { startService } from '../../dist/src/app/service.js';

const service = await startService({ configuration: loadConfiguration(process.env) });
const { projections, eventStore } = service.stores;
const names = projections.status().projections.map(({ name }) => name);

if (process.argv[2] === 'constant') {
  // A fixed reply replaces the command service. A request still passes routing, authentication, validation, command bus,
  // logging and metrics, but nothing is decided or stored.
  const fixedReply = {
    accepted: true,
    id: '00000000-0000-5000-8000-000000000000',
    reference: '00000-00000-00000',
    revision: 3,
    position: '00000000000000000004',
    events: ['SeverityAssessed'],
    alreadyThere: false,
  };
  service.app.get(COMPLAINT_COMMANDS).submit = async () => fixedReply;
}

let rebuilding = false;
let rebuiltEvents = Promise.resolve(0);

const operations = {
  /** Waits until the read models include all events recorded so far; returns the duration in seconds. */
  async waitUntilCaughtUp() {
    const startTime = performance.now();
    const head = await eventStore.head();
    for (const name of names) if (head !== null) await projections.waitFor(name, head, 600_000);
    return (performance.now() - startTime) / 1000;
  },
  /** Events that the slowest read model has not included yet. */
  lag: async () => Math.max(...projections.status().projections.map(({ lag }) => lag)),
  async pause() {
    for (const name of names) await projections.pause(name);
  },
  async resume() {
    for (const name of names) await projections.resume(name);
  },
  /** Rebuilds one read model after the other in a loop, until {@link stopRebuilding}. */
  async startRebuilding() {
    rebuilding = true;
    rebuiltEvents = (async () => {
      let count = 0;
      while (rebuilding) {
        for (const name of names) {
          if (!rebuilding) break;
          count += (await projections.rebuild(name)).events;
        }
      }
      return count;
    })();
  },
  /** Returns the number of events that the rebuilds have folded. */
  async stopRebuilding() {
    rebuilding = false;
    return rebuiltEvents;
  },
  /** Processor time of the whole process so far, in seconds. */
  async processorTime() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  /** Peak memory of the process, in MiB. */
  peakMemory: async () => process.resourceUsage().maxRSS / 1024,
  async stop() {
    await service.stop();
    process.disconnect();
  },
};

process.on('message', ({ id, operation }) => {
  operations[operation]().then(
    (value) => process.connected && process.send({ id, value }),
    (error) => process.send({ id, error: String(error?.stack ?? error) }),
  );
});
process.send({ id: 0, value: { url: service.url, key: service.keys.ofRole('handler').key } });
