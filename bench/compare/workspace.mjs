import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadKeys } from '../../dist/src/access/keys.js';
import { startMongo } from '../../test/support/mongo/server.mjs';
import { startDouble } from '../support/eventstoredb-double.mjs';
import { printProgress } from '../support/question.mjs';
import { startService } from './service.mjs';

/** Two orders of the events in a log: `each` events per complaint, with `open` complaints in progress at once. */
export const CONTIGUOUS = { name: 'contiguous', each: 10, open: 1 };
export const INTERLEAVED = { name: 'interleaved', each: 2, open: 1000 };

const writeHistory = fileURLToPath(new URL('write-history.mjs', import.meta.url));

/**
 * Prepares the logs and data folders with which measurements start. Each is created once and copied for every measurement,
 * so that all start with the same data. Both checkouts use the same log, which the code of the base writes; each checkout
 * projects it with its own code.
 */
export class Workspace {
  constructor(folder, base) {
    this.folder = folder;
    this.base = base;
  }

  /** Returns the path of an event store with `events` events in the order of `shape`. */
  eventLog(shape, events) {
    return this.writeLog(`${shape.name}-${String(events)}`, shape, events, 0, events);
  }

  /** Returns the paths of two event stores: `early` has the first `known` of `events` events, `late` has all of them. */
  async eventLogInTwoParts(shape, events, known) {
    const name = `${shape.name}-${String(events)}-at-${String(known)}`;
    const early = await this.writeLog(name, shape, events, 0, known);
    const late = await this.writeLog(`${name}-continued`, shape, events, known, events, early);
    return { early, late };
  }

  /**
   * Returns the path of the event store `name`, and writes it if it does not exist: events `from` (inclusive) to `until`
   * (exclusive) of a history of `events` events, appended to a copy of the event store `continued` if given.
   */
  async writeLog(name, shape, events, from, until, continued) {
    const file = join(this.folder, `${name}.db`);
    if (existsSync(file)) return file;
    printProgress(`writing ${(until - from).toLocaleString('en')} events, ${shape.name}`);
    if (continued !== undefined) copyFileSync(continued, file);
    const histories = join(this.base, 'bench', 'support', 'histories.mjs');
    const numbers = [events, shape.each, shape.open, from, until].map(String);
    const child = spawn(process.execPath, [writeHistory, histories, file, ...numbers], { stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`write-history.mjs ended with code ${String(code)}`);
    return file;
  }

  /** Returns a data folder of a side in which the read models include the whole log. */
  async projectedData(side, log, { mongodb = false } = {}) {
    const name = [basename(log, '.db'), side.name, ...(mongodb ? ['mongodb'] : [])].join('-');
    const data = join(this.folder, name);
    if (existsSync(data)) return data;
    printProgress(`projecting ${name}`);
    const temporary = this.unprojectedData(log);
    await withService({ side, data: temporary, mongodb, stop: 'stop' }, (service) => service.waitUntilCaughtUp());
    cpSync(temporary, data, { recursive: true });
    return data;
  }

  /** Returns a new data folder with the log and without read models. */
  unprojectedData(log) {
    const data = this.newFolder();
    this.replaceLog(data, log);
    loadKeys(data); // a service does not create keys beside recorded events
    return data;
  }

  /** Replaces the log in a data folder. */
  replaceLog(data, log) {
    copyFileSync(log, join(data, 'events.db'));
  }

  /** Returns a new empty folder. */
  newFolder() {
    return mkdtempSync(join(this.folder, 'run-'));
  }

  /** Returns a new copy of a data folder. */
  copyOf(data) {
    const folder = this.newFolder();
    cpSync(data, folder, { recursive: true });
    return folder;
  }

  /** Removes the folders of the measurements, and keeps the prepared logs and data folders. */
  clear() {
    for (const name of readdirSync(this.folder))
      if (name.startsWith('run-')) rmSync(join(this.folder, name), { recursive: true, force: true });
  }
}

/**
 * Runs the service of a side on a data folder while `work` runs, then ends it: `stop` is 'stop' (gracefully) or 'kill'.
 * With `mongodb`, starts a MongoDB server for the read models; with `eventstoredb`, a double of EventStoreDB for the
 * events. Their data is in the same folder. `work` receives the service and a function that returns the seconds since the
 * start of the process.
 */
export async function withService(
  { side, data, mongodb = false, eventstoredb = false, stop = 'kill', execArgv },
  work,
) {
  const mongoFolder = join(data, 'mongodb');
  mkdirSync(mongoFolder, { recursive: true });
  const server = mongodb ? await startMongo({ dir: mongoFolder }) : undefined;
  const events = eventstoredb ? await startDouble(join(data, 'eventstoredb.jsonl')) : undefined;
  try {
    const startTime = performance.now();
    const settings = {
      ...(server !== undefined && { REDRESS_READMODELS: server.url }),
      ...(events !== undefined && { REDRESS_EVENTSTORE: events.url }),
    };
    const service = await startService({ checkout: side.checkout, data, settings, execArgv });
    try {
      return await work(service, () => (performance.now() - startTime) / 1000);
    } finally {
      await service[stop]();
    }
  } finally {
    await events?.stop();
    await server?.stop();
  }
}
