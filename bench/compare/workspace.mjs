import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMongo } from '../../test/support/mongo/server.mjs';
import { startDouble } from '../support/eventstoredb-double.mjs';
import { say } from '../support/question.mjs';
import { startService } from './service.mjs';

/** The order of events in the log: `each` events per complaint, with `open` complaints in progress at once. */
export const CONTIGUOUS = { name: 'contiguous', each: 10, open: 1 };
export const INTERLEAVED = { name: 'interleaved', each: 2, open: 1000 };

const program = fileURLToPath(new URL('write-history.mjs', import.meta.url));

/**
 * Histories and data folders at the start of measurements. Each is created once and copied for every measurement, so that
 * all start with the same data. Both checkouts use the same log, which the base wrote; each projects it itself.
 */
export class Workspace {
  constructor(folder, base) {
    this.folder = folder;
    this.base = base;
  }

  /** An event store with a given number of events of a history. */
  history(shape, events) {
    return this.log(`${shape.name}-${String(events)}`, shape, events, 0, events);
  }

  /** The same history after `known` events, and a copy of it that continues to the end. */
  async historyInTwo(shape, events, known) {
    const name = `${shape.name}-${String(events)}-at-${String(known)}`;
    const early = await this.log(name, shape, events, 0, known);
    const late = await this.log(`${name}-continued`, shape, events, known, events, early);
    return { early, late };
  }

  /** Events `from` to `until` of a history, after those of the log that it continues; written once. */
  async log(name, shape, events, from, until, continued) {
    const file = join(this.folder, `${name}.db`);
    if (existsSync(file)) return file;
    say(`writing ${(until - from).toLocaleString('en')} events, ${shape.name}`);
    if (continued !== undefined) copyFileSync(continued, file);
    const histories = join(this.base, 'bench', 'support', 'histories.mjs');
    const numbers = [events, shape.each, shape.open, from, until].map(String);
    const child = spawn(process.execPath, [program, histories, file, ...numbers], { stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`the history could not be written: ${String(code)}`);
    return file;
  }

  /** A data folder of a side in which the read models of a log are up to date. */
  async projected(side, log, { mongodb = false } = {}) {
    const name = [basename(log, '.db'), side.name, ...(mongodb ? ['mongodb'] : [])].join('-');
    const data = join(this.folder, name);
    if (existsSync(data)) return data;
    say(`projecting ${name}`);
    const draft = this.unprojected(log);
    await running({ side, data: draft, mongodb, stop: 'stop' }, (service) => service.caughtUp());
    cpSync(draft, data, { recursive: true });
    return data;
  }

  /** A new data folder that has only the log. */
  unprojected(log) {
    const data = this.empty();
    this.replaceLog(data, log);
    return data;
  }

  replaceLog(data, log) {
    copyFileSync(log, join(data, 'events.db'));
  }

  /** A fresh folder. */
  empty() {
    return mkdtempSync(join(this.folder, 'run-'));
  }

  /** A fresh copy of a data folder. */
  copy(data) {
    const folder = this.empty();
    cpSync(data, folder, { recursive: true });
    return folder;
  }

  /** Removes the folders of the measurements. */
  clear() {
    for (const name of readdirSync(this.folder))
      if (name.startsWith('run-')) rmSync(join(this.folder, name), { recursive: true, force: true });
  }
}

/**
 * Runs a service of a side on a data folder for as long as `work` takes. With `mongodb` its read models are in a
 * MongoDB server that is started for it, with `eventstoredb` its events in a double of EventStoreDB; both keep their
 * data in the same folder.
 */
export async function running({ side, data, mongodb = false, eventstoredb = false, stop = 'kill', execArgv }, work) {
  const directory = join(data, 'mongodb');
  mkdirSync(directory, { recursive: true });
  const server = mongodb ? await startMongo({ dir: directory }) : undefined;
  const events = eventstoredb ? await startDouble(join(data, 'eventstoredb.jsonl')) : undefined;
  try {
    const began = performance.now();
    const settings = {
      ...(server !== undefined && { REDRESS_READMODELS: server.url }),
      ...(events !== undefined && { REDRESS_EVENTSTORE: events.url }),
    };
    const service = await startService({ checkout: side.checkout, data, settings, execArgv });
    try {
      return await work(service, () => (performance.now() - began) / 1000);
    } finally {
      await service[stop]();
    }
  } finally {
    await events?.stop();
    await server?.stop();
  }
}
