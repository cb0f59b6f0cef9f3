import type { Readable } from 'node:stream';
import { CFPB_IMPORT_PATH } from '../api/imports.controller.js';
import { COMMANDS_PATH } from '../api/commands.controller.js';
import { decideLines, type LineResult } from '../bulk/bulk-intake.js';
import { CfpbTable } from '../import/cfpb-table.js';
import { importRows, type RowOutcome } from '../import/import-cfpb.js';
import { BatchRecorder, type BatchSummary } from '../intake-batch/batch-recorder.js';
import { systemClock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import { openDirectSender } from './direct-sender.js';
import { findLiveService, type LiveService } from './live-service.js';

/** Imports files: through the API of the running service or, if none runs, directly into the event store. */
export interface Intake {
  commands(file: Readable, name: string): AsyncIterable<LineResult | BatchSummary>;
  cfpb(file: Readable, name: string): AsyncIterable<RowOutcome | BatchSummary>;
  /** Without a service: waits until the read models include what was imported, then closes the stores. */
  close(): Promise<void>;
}

/** @throws StoreOwned if another process has locked the event store but does not answer as a service */
export async function openIntake(configuration: Configuration): Promise<Intake> {
  const live = await findLiveService(configuration);
  return live === undefined ? directIntake(configuration) : serviceIntake(live);
}

/** True for the last result of an import. */
export const isSummary = (item: object): item is BatchSummary => 'batch' in item;

function serviceIntake(live: LiveService): Intake {
  const withName = (path: string, name: string): string => `/${path}?name=${encodeURIComponent(name)}`;
  return {
    commands: (file, name) => live.send('upstream', withName(COMMANDS_PATH, name), 'application/x-ndjson', file),
    cfpb: (file, name) => live.send('upstream', withName(CFPB_IMPORT_PATH, name), 'text/csv', file),
    close: () => Promise.resolve(),
  };
}

/** Uses the same credential (upstream) as `serviceIntake`, so that a line imported in both ways is recorded once. */
async function directIntake(configuration: Configuration): Promise<Intake> {
  const direct = await openDirectSender(configuration, 'upstream');
  const { sender, credential, actor, stores } = direct;
  const batches = new BatchRecorder(stores.eventStore, systemClock, { onlyWriter: stores.onlyWriter });
  return {
    async *commands(file, name) {
      const batch = await batches.open({ source: credential, kind: 'commands', name }, actor);
      yield* decideLines(file, { batch, sender });
    },
    async *cfpb(file, name) {
      const table = await CfpbTable.open(file);
      const batch = await batches.open({ source: 'cfpb', kind: 'cfpb', name }, actor);
      yield* importRows(table, { batch, sender });
    },
    close: () => direct.close(),
  };
}
