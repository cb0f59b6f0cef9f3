import { Presets, SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { stringify, type Stringifier } from 'csv-stringify';
import { createWriteStream, statSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { loadKeys } from '../access/keys.js';
import { RecordingDesk } from '../complaint/complaint-desk.js';
import { complaintCommands } from '../complaint/table.js';
import { DeskSender } from '../import/desk-sender.js';
import { importCfpb, type ImportRemark } from '../import/import-cfpb.js';
import { systemClock } from '../platform/clock.js';
import type { Configuration } from '../platform/configuration.js';
import { openStores, type Stores } from '../stores.js';
import { configurationOf, print, printJson, remark } from './invocation.js';

interface Options {
  readonly rejects: string;
  readonly json?: true;
}

export function importCommand(): Command {
  const group = new Command('import').description('take in what others have recorded');
  group
    .command('cfpb')
    .description('files of the CFPB register, in either published layout; a second run adds nothing')
    .argument('<files...>')
    .option('--rejects <file>', 'where rows that cannot be used are written, with line, column, value and reason', 'rejects.csv')
    .option('--json', 'the report as JSON')
    .action(async (files: string[], options: Options, command: Command) => {
      const configuration = configurationOf(command);
      const stores = await openStores(configuration, systemClock);
      try {
        await importInto(stores, configuration, files, options);
      } finally {
        await stores.close();
      }
    });
  return group;
}

async function importInto(stores: Stores, configuration: Configuration, files: string[], options: Options): Promise<void> {
  const { eventStore, projections, onlyWriter } = stores;
  await projections.start();
  const desk = new RecordingDesk(eventStore, systemClock, {
    settings: configuration.house,
    onlyWriter,
    findByReference: () => Promise.resolve(undefined),
  });
  const sender = new DeskSender({
    desk,
    commands: new Map(complaintCommands.map(({ name, command }) => [name, command])),
    digestKey: loadKeys(configuration.data).digestKey,
    credential: 'import',
    actor: { type: 'upstream', id: 'import', role: 'upstream' },
  });

  const rejects = new RejectsFile(options.rejects);
  const progress = progressOf(files);
  const report = await importCfpb(files, {
    sender,
    onRejected: (row) => {
      rejects.add(row);
    },
    onWarning: ({ file, line, column, value, reason }) => {
      if (options.json !== true) progress.say(`${file}:${String(line)}: warning: ${column} ${JSON.stringify(value)}: ${reason}`);
    },
    onProgress: ({ file, rows, bytes }) => {
      progress.at(file, rows, bytes);
    },
  });
  progress.end();
  await rejects.close();

  const head = await eventStore.head();
  if (head !== null) {
    const { projections: all } = projections.status();
    await Promise.all(all.map(({ name }) => projections.waitFor(name, head, 3_600_000)));
  }
  if (options.json === true) printJson(report);
  else {
    const { rows, complaints, newEvents, warnings, rejected } = report;
    print(
      `${String(rows)} rows, ${String(complaints)} complaints, ${String(newEvents)} new events, ` +
        `${String(warnings)} warnings, ${String(rejected)} rejected${rejected > 0 ? ` (see ${options.rejects})` : ''}`,
    );
  }
  if (report.rejected > 0) process.exitCode = 1;
}

/** Written only when there is something to write. */
class RejectsFile {
  private csv: Stringifier | undefined;
  private written: Promise<void> | undefined;

  constructor(private readonly path: string) {}

  add({ file, line, column, value, reason, code }: ImportRemark): void {
    this.csv ??= this.open();
    this.csv.write([file, line, column, value, reason, code]);
  }

  async close(): Promise<void> {
    this.csv?.end();
    await this.written;
  }

  private open(): Stringifier {
    const csv = stringify({ header: true, columns: ['file', 'line', 'column', 'value', 'reason', 'code'], escape_formulas: true });
    const file = createWriteStream(this.path);
    this.written = finished(file);
    csv.pipe(file);
    return csv;
  }
}

interface Progress {
  at(file: string, rows: number, bytes: number): void;
  say(line: string): void;
  end(): void;
}

/** A bar on a terminal, a line every thousand rows elsewhere. */
function progressOf(files: readonly string[]): Progress {
  if (!process.stderr.isTTY) {
    return {
      at: (file, rows) => {
        if (rows % 1000 === 0) remark(`${file}: ${String(rows)} rows`);
      },
      say: remark,
      end: () => undefined,
    };
  }
  const sizes = new Map(files.map((file) => [file, statSync(file).size]));
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const bar = new SingleBar({ format: '{bar} {percentage} % | {rows} rows | {file}', hideCursor: true }, Presets.shades_classic);
  bar.start(total, 0, { rows: 0, file: files[0] ?? '' });
  let current = files[0];
  let before = 0;
  return {
    at: (file, rows, bytes) => {
      if (file !== current) {
        before += sizes.get(current ?? '') ?? 0;
        current = file;
      }
      bar.update(before + bytes, { rows, file });
    },
    say: (line) => {
      process.stderr.write(`\r\x1b[K${line}\n`);
    },
    end: () => {
      bar.stop();
    },
  };
}
