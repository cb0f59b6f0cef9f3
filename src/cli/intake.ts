import type { Readable } from 'node:stream';
import { loadKeys } from '../access/keys.js';
import { CFPB_ADDRESS } from '../api/imports.controller.js';
import { COMMANDS_ADDRESS } from '../api/commands.controller.js';
import { decideLines, type LineResult } from '../bulk/bulk-intake.js';
import { BulkCommandSender } from '../bulk/bulk-command-sender.js';
import { CommandService } from '../complaint/command-service.js';
import { CfpbTable } from '../import/cfpb-table.js';
import { importRows, type RowOutcome } from '../import/import-cfpb.js';
import { lookups } from '../app/lookups.js';
import { BatchRecorder, type BatchSummary } from '../intake-batch/batch-recorder.js';
import { systemClock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import { caughtUp, openStores } from '../app/stores.js';
import { UserError } from './invocation.js';
import { findLiveService, type LiveService } from './live-service.js';

/** Imports files: through the API if a service runs, otherwise on the store itself. */
export interface Intake {
  commands(file: Readable, name: string): AsyncIterable<LineResult | BatchSummary>;
  cfpb(file: Readable, name: string): AsyncIterable<RowOutcome | BatchSummary>;
  /** Resolves when the read models show what was imported, and the store is closed. */
  close(): Promise<void>;
}

/** @throws StoreOwned if another process has the store and does not answer as its service */
export async function openIntake(configuration: Configuration): Promise<Intake> {
  const live = await findLiveService(configuration);
  return live === undefined ? onStore(configuration) : throughService(live);
}

export const isSummary = (item: object): item is BatchSummary => 'batch' in item;

function throughService(live: LiveService): Intake {
  const path = (address: string, name: string): string => `/${address}?name=${encodeURIComponent(name)}`;
  return {
    commands: (file, name) => live.send('upstream', path(COMMANDS_ADDRESS, name), 'application/x-ndjson', file),
    cfpb: (file, name) => live.send('upstream', path(CFPB_ADDRESS, name), 'text/csv', file),
    close: () => Promise.resolve(),
  };
}

/** Uses the upstream credential, as through the service, so that the same line is the same command in both cases. */
async function onStore(configuration: Configuration): Promise<Intake> {
  const stores = await openStores(configuration, systemClock);
  const { eventStore, projections, onlyWriter } = stores;
  const keys = loadKeys(configuration.data);
  const upstream = keys.ofRole('upstream');
  if (upstream === undefined)
    throw new UserError('keys.json has no credential with the role upstream; add one and start again');
  const { name: credential, key } = upstream;
  const actor = keys.caller(key)?.actor;
  if (actor === undefined) throw new Error(`expected the key of ${credential} to identify its caller`);
  await projections.start();
  const book = new BatchRecorder(eventStore, systemClock, { onlyWriter });
  const commands = new CommandService(eventStore, systemClock, {
    settings: configuration.house,
    onlyWriter,
    ...lookups(stores),
  });
  const sender = new BulkCommandSender({
    submit: (submission) => commands.submit(submission),
    find: (name) => commands.find(name, credential),
    digestKey: keys.digestKey,
    credential,
    actor,
  });
  return {
    async *commands(file, name) {
      const batch = await book.open({ source: credential, kind: 'commands', name }, actor);
      yield* decideLines(file, { batch, sender });
    },
    async *cfpb(file, name) {
      const table = await CfpbTable.open(file);
      const batch = await book.open({ source: 'cfpb', kind: 'cfpb', name }, actor);
      yield* importRows(table, { batch, sender });
    },
    close: async () => {
      await caughtUp(stores);
      await stores.close();
    },
  };
}
