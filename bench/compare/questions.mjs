import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLines } from '../support/complaint-commands.mjs';
import { timed } from '../support/figures.mjs';
import { startLoadGenerator } from '../support/processes.mjs';
import { writeRegister } from '../support/register.mjs';
import { CONTIGUOUS, INTERLEAVED, withService } from './workspace.mjs';

/*
 * Each question is measured once per side and pair: `measure` returns an object with a figure `{ value, unit }` per name.
 * A figure is a rate, or a duration if its unit is `s`. Each number in `sizes` is a default that an option of the command
 * line overrides.
 *
 * Processor time is the time of the whole service. It shows the cost of a change even if something else limits the rate,
 * and other work on the machine affects it less.
 */

const SHAPES = [CONTIGUOUS, INTERLEAVED];
const CONNECTIONS = 64;
/** Commands that are sent before the measurement starts. */
const WARM_UP_COMMANDS = 5_000;
/** Starts of the process per measurement; the figure is their mean. */
const STARTS = 3;

/** Two figures for `count` items: items per second, and items per second of processor time. */
const rates = (name, count, items, { seconds, processor }) => ({
  [name]: { value: count / seconds, unit: `${items}/s` },
  [`${name}, processor time`]: { value: count / processor, unit: `${items}/processor s` },
});

/** Measures the duration of `work` and the processor time of the service during it, both in seconds. */
async function measureWork(service, work) {
  const before = await service.processorTime();
  const { seconds, result } = await timed(work);
  return { seconds, processor: (await service.processorTime()) - before, result };
}

/** Sends `count` commands in one bulk request. */
const sendCommands = (service, count, shape, name) =>
  service.upload('/v1/commands', 'application/x-ndjson', [...commandLines(count, { ...shape, name })].join(''));

const commands = {
  name: 'commands',
  title: 'Commands over HTTP, 64 connections',
  sizes: { seconds: 8 },
  measure: ({ side, workspace, seconds }) => measureCommands({ side, data: workspace.newFolder() }, seconds),
};

const live = {
  name: 'live',
  title: 'Commands sent to a running service, until all read models include them',
  sizes: { commands: 25_000 },
  async measure({ side, workspace, commands: count }) {
    const figures = {};
    for (const shape of SHAPES)
      await withService({ side, data: workspace.newFolder() }, async (service) => {
        await sendCommands(service, WARM_UP_COMMANDS, shape, 'warm-up');
        await service.waitUntilCaughtUp();
        const before = Number(await service.head());
        const measured = await measureWork(service, async () => {
          await sendCommands(service, count, shape, 'measured');
          await service.waitUntilCaughtUp();
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
  /** `known`: events that the read models include when the service stops; the other events follow while it is stopped. */
  sizes: { events: 50_000, known: 10_000 },
  async measure({ side, workspace, events, known }) {
    const figures = {};
    for (const shape of SHAPES) {
      const data = workspace.unprojectedData(await workspace.eventLog(shape, events));
      Object.assign(figures, await measureCatchUp({ side, data, name: shape.name, events }));
    }
    // here the collections and their indexes exist, and the log has grown since they were written
    const { early, late } = await workspace.eventLogInTwoParts(INTERLEAVED, events, known);
    const data = workspace.copyOf(await workspace.projectedData(side, early));
    workspace.replaceLog(data, late);
    Object.assign(figures, await measureCatchUp({ side, data, name: 'after an absence', events: events - known }));
    return figures;
  },
};

const importing = {
  name: 'import',
  title: 'Import of a register through the service',
  sizes: { rows: 10_000 },
  measure: ({ side, workspace, rows }) => measureImport({ side, data: workspace.newFolder() }, rows),
};

const start = {
  name: 'start',
  title: 'From the start of the process until it is ready, read models up to date',
  sizes: { events: 100_000 },
  async measure({ side, workspace, events }) {
    const data = await workspace.projectedData(side, await workspace.eventLog(CONTIGUOUS, events));
    let total = 0;
    for (let index = 0; index < STARTS; index++)
      await withService({ side, data, stop: 'stop' }, async (service, elapsed) => {
        await service.request('/health/ready');
        total += elapsed();
      });
    return { ready: { value: total / STARTS, unit: 's' } };
  },
};

const rebuild = {
  name: 'rebuild',
  title: 'Rebuild of all read models, started at the same time',
  sizes: { events: 40_000 },
  async measure({ side, workspace, events }) {
    const figures = {};
    for (const shape of SHAPES) Object.assign(figures, await measureRebuild({ side, workspace, shape, events }));
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
      const data = workspace.unprojectedData(await workspace.eventLog(shape, events));
      const name = `catch-up, ${shape.name}`;
      Object.assign(figures, await measureCatchUp({ side, data, name, events, mongodb: true }));
      const rebuilt = await measureRebuild({ side, workspace, shape, events, mongodb: true });
      for (const [figureName, figure] of Object.entries(rebuilt)) figures[`rebuild, ${figureName}`] = figure;
    }
    return figures;
  },
};

const eventstoredb = {
  name: 'eventstoredb',
  title: 'Commands over HTTP and import, events in EventStoreDB (the double of the tests)',
  sizes: { seconds: 8, rows: 4_000 },
  async measure({ side, workspace, seconds, rows }) {
    const newService = () => ({ side, data: workspace.newFolder(), eventstoredb: true });
    const answered = await measureCommands(newService(), seconds);
    const imported = await measureImport(newService(), rows);
    return { ...withPrefix('commands', answered), ...withPrefix('import', imported) };
  },
};

export const QUESTIONS = [commands, live, catchUp, importing, start, rebuild, mongodb, eventstoredb];

/** Puts `prefix` before the name of each figure. */
const withPrefix = (prefix, figures) =>
  Object.fromEntries(Object.entries(figures).map(([name, figure]) => [`${prefix}, ${name}`, figure]));

/** Measures commands for `seconds` on a service that starts with no events. */
async function measureCommands(options, seconds) {
  const load = startLoadGenerator();
  try {
    return await withService(options, async (service) => {
      const target = { url: service.url, key: service.keyOf('handler') };
      await load.send(target, CONNECTIONS, 2); // warm-up for two seconds
      const measured = await measureWork(service, () => load.send(target, CONNECTIONS, seconds));
      return rates('answered', measured.result.requests, 'commands', measured);
    });
  } finally {
    load.stop();
  }
}

/** Measures the import of a register of `rows` rows by a service that starts with no events. */
async function measureImport(options, rows) {
  const register = join(options.data, 'register.csv');
  await writeRegister(register, rows);
  const body = readFileSync(register);
  return withService(options, async (service) => {
    const measured = await measureWork(service, () => service.upload('/v1/imports/cfpb', 'text/csv', body));
    return rates('answered', rows, 'rows', measured);
  });
}

/** Measures from the start of the process on `data` until its read models are up to date. */
function measureCatchUp({ side, data, name, events, mongodb = false }) {
  return withService({ side, data, mongodb }, async (service, elapsed) => {
    await service.waitUntilCaughtUp();
    return rates(name, events, 'events', { seconds: elapsed(), processor: await service.processorTime() });
  });
}

/** Measures the rebuild of all read models. The rate counts each event of the log once, not once per read model. */
async function measureRebuild({ side, workspace, shape, events, mongodb = false }) {
  const log = await workspace.eventLog(shape, events);
  const data = workspace.copyOf(await workspace.projectedData(side, log, { mongodb }));
  return withService({ side, data, mongodb }, async (service) => {
    await service.waitUntilCaughtUp();
    await service.waitUntilLeader();
    return rates(shape.name, events, 'events', await measureWork(service, () => service.rebuildAll()));
  });
}
