import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLines } from '../support/complaint-commands.mjs';
import { timed } from '../support/figures.mjs';
import { loader } from '../support/processes.mjs';
import { writeRegister } from '../support/register.mjs';
import { CONTIGUOUS, INTERLEAVED, running } from './workspace.mjs';

/*
 * Each question is measured once per side and pair: `measure` answers figures by name. A figure is a rate, or a duration
 * if its unit is `s`. Options of the command line change `sizes`.
 *
 * Processor time is that of the whole service. It shows what a change costs if something else limits the rate, and
 * other work on the machine affects it less.
 */

const SHAPES = [CONTIGUOUS, INTERLEAVED];
const CONNECTIONS = 64;
/** Commands before the measurement starts. */
const WARM_UP = 5_000;
const STARTS = 3;

/** Rates per second, and per second of processor time, of the work measured in `taken`. */
const rates = (name, count, what, { seconds, processor }) => ({
  [name]: { value: count / seconds, unit: `${what}/s` },
  [`${name}, processor time`]: { value: count / processor, unit: `${what}/processor s` },
});

/** Measures the duration of `work`, and the processor time of the service during it. */
async function taken(service, work) {
  const before = await service.processorTime();
  const { seconds, result } = await timed(work);
  return { seconds, processor: (await service.processorTime()) - before, result };
}

/** Sends lines of POST /v1/commands and answers how many there were. */
const sendCommands = (service, count, shape, name) =>
  service.upload('/v1/commands', 'application/x-ndjson', [...commandLines(count, { ...shape, name })].join(''));

const commands = {
  name: 'commands',
  title: 'Commands over HTTP, 64 connections',
  sizes: { seconds: 8 },
  measure: ({ side, workspace, seconds }) => commanding({ side, data: workspace.empty() }, seconds),
};

const live = {
  name: 'live',
  title: 'Commands sent to a running service, until all read models include them',
  sizes: { commands: 25_000 },
  async measure({ side, workspace, commands: count }) {
    const figures = {};
    for (const shape of SHAPES)
      await running({ side, data: workspace.empty() }, async (service) => {
        await sendCommands(service, WARM_UP, shape, 'warm-up');
        await service.caughtUp();
        const before = Number(await service.head());
        const measured = await taken(service, async () => {
          await sendCommands(service, count, shape, 'measured');
          await service.caughtUp();
        });
        const events = Number(await service.head()) - before;
        Object.assign(figures, rates(shape.name, events, 'events', measured));
      });
    return figures;
  },
};

const catchUp = {
  name: 'catch-up',
  title: 'From the start of the process until all read models include the log',
  sizes: { events: 50_000, known: 10_000 },
  async measure({ side, workspace, events, known }) {
    const figures = {};
    for (const shape of SHAPES) {
      const data = workspace.unprojected(await workspace.history(shape, events));
      Object.assign(figures, await projecting({ side, data, name: shape.name, events }));
    }
    // the collections exist with their indexes, the log has grown since
    const { early, late } = await workspace.historyInTwo(INTERLEAVED, events, known);
    const data = workspace.copy(await workspace.projected(side, early));
    workspace.replaceLog(data, late);
    Object.assign(figures, await projecting({ side, data, name: 'after an absence', events: events - known }));
    return figures;
  },
};

const importing = {
  name: 'import',
  title: 'Import of a register through the service',
  sizes: { rows: 10_000 },
  measure: ({ side, workspace, rows }) => importingRows({ side, data: workspace.empty() }, rows),
};

const start = {
  name: 'start',
  title: 'From the start of the process until it is ready, read models up to date',
  sizes: { events: 100_000 },
  async measure({ side, workspace, events }) {
    const data = await workspace.projected(side, await workspace.history(CONTIGUOUS, events));
    let total = 0;
    for (let turn = 0; turn < STARTS; turn++)
      await running({ side, data, stop: 'stop' }, async (service, elapsed) => {
        await service.request('/health/ready');
        total += elapsed();
      });
    return { ready: { value: total / STARTS, unit: 's' } };
  },
};

const rebuild = {
  name: 'rebuild',
  title: 'Rebuild of all read models, asked for at once',
  sizes: { events: 40_000 },
  async measure({ side, workspace, events }) {
    const figures = {};
    for (const shape of SHAPES) Object.assign(figures, await rebuilding({ side, workspace, shape, events }));
    return figures;
  },
};

const mongodb = {
  name: 'mongodb',
  title: 'Read models in MongoDB (the stand-in of the tests)',
  sizes: { events: 6_000 },
  async measure({ side, workspace, events }) {
    const figures = {};
    for (const shape of SHAPES) {
      const data = workspace.unprojected(await workspace.history(shape, events));
      const name = `catch-up, ${shape.name}`;
      Object.assign(figures, await projecting({ side, data, name, events, mongodb: true }));
      const rebuilt = await rebuilding({ side, workspace, shape, events, mongodb: true });
      for (const [what, figure] of Object.entries(rebuilt)) figures[`rebuild, ${what}`] = figure;
    }
    return figures;
  },
};

const eventstoredb = {
  name: 'eventstoredb',
  title: 'Commands over HTTP and import, events in EventStoreDB (the double of the tests)',
  sizes: { seconds: 8, rows: 4_000 },
  async measure({ side, workspace, seconds, rows }) {
    const on = () => ({ side, data: workspace.empty(), eventstoredb: true });
    const answered = await commanding(on(), seconds);
    const imported = await importingRows(on(), rows);
    return { ...named('commands', answered), ...named('import', imported) };
  },
};

export const QUESTIONS = [commands, live, catchUp, importing, start, rebuild, mongodb, eventstoredb];

const named = (name, figures) =>
  Object.fromEntries(Object.entries(figures).map(([figure, value]) => [`${name}, ${figure}`, value]));

/** Sends commands for `seconds` to a service that starts with no events. */
async function commanding(options, seconds) {
  const load = loader();
  try {
    return await running(options, async (service) => {
      const target = { url: service.url, key: service.keyOf('handler') };
      await load.send(target, CONNECTIONS, 2); // warm
      const measured = await taken(service, () => load.send(target, CONNECTIONS, seconds));
      return rates('answered', measured.result.requests, 'commands', measured);
    });
  } finally {
    load.stop();
  }
}

/** Imports a register of `rows` rows into a service that starts with no events. */
async function importingRows(options, rows) {
  const register = join(options.data, 'register.csv');
  await writeRegister(register, rows);
  const body = readFileSync(register);
  return running(options, async (service) => {
    const measured = await taken(service, () => service.upload('/v1/imports/cfpb', 'text/csv', body));
    return rates('answered', rows, 'rows', measured);
  });
}

/** Starts a service on `data` and waits until its read models are up to date. */
function projecting({ side, data, name, events, mongodb = false }) {
  return running({ side, data, mongodb }, async (service, elapsed) => {
    await service.caughtUp();
    return rates(name, events, 'events', { seconds: elapsed(), processor: await service.processorTime() });
  });
}

/** Events of the log per second over all rebuilds together, independent of the number of read models. */
async function rebuilding({ side, workspace, shape, events, mongodb = false }) {
  const log = await workspace.history(shape, events);
  const data = workspace.copy(await workspace.projected(side, log, { mongodb }));
  return running({ side, data, mongodb }, async (service) => {
    await service.caughtUp();
    await service.leads();
    return rates(shape.name, events, 'events', await taken(service, () => service.rebuildAll()));
  });
}
