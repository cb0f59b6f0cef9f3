import { Command } from 'commander';
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { configurationOf, print, printJson, UserError } from './invocation.js';
import { isSummary, openIntake, type Intake } from './intake.js';
import { createProgress } from './progress.js';
import { RejectsFile } from './rejects-file.js';
import { ResultsFile } from './results-file.js';

interface Options {
  readonly rejects: string;
  readonly results?: string;
  readonly json?: true;
}

export function importCommand(): Command {
  const group = new Command('import').description('import files of complaints or commands');
  const withOptions = (command: Command): Command =>
    command
      .option('--rejects <file>', 'CSV file for rejected lines, with column, value and reason', 'rejects.csv')
      .option('--json', 'print the report as JSON');
  withOptions(group.command('cfpb'))
    .description('import CSV files of the CFPB register; importing a file again adds nothing')
    .argument('<files...>')
    .action((files: string[], options: Options, command: Command) => importCfpb(files, options, command));
  withOptions(group.command('commands'))
    .description('import a file of commands, one JSON object per line, in the format of POST /v1/commands')
    .argument('<file>')
    .option('--results <file>', 'file for the result of each line, one JSON object per line, then the summary')
    .action((file: string, options: Options, command: Command) => importCommands(file, options, command));
  return group;
}

/** Checks that the file can be read, before anything is recorded. @throws UserError, or the error of the file system */
async function requireFile(file: string): Promise<void> {
  await access(file, constants.R_OK);
  if ((await stat(file)).isDirectory()) throw new UserError(`${file} is a folder; name a file`);
}

/** Opens the file for rejected lines, then the intake. */
async function open(
  options: Options,
  files: readonly string[],
  command: Command,
): Promise<{ readonly intake: Intake; readonly rejects: RejectsFile }> {
  const rejects = RejectsFile.open(options.rejects, files);
  try {
    const intake = await openIntake(configurationOf(command));
    rejects.begin();
    return { intake, rejects };
  } catch (error) {
    rejects.close();
    throw error;
  }
}

async function importCfpb(files: readonly string[], options: Options, command: Command): Promise<void> {
  for (const file of files) await requireFile(file);
  const { intake, rejects } = await open(options, files, command);
  const progress = createProgress(files);
  const report = { rows: 0, newEvents: 0, warnings: 0, rejected: 0 };
  const complaints = new Set<string>();
  try {
    for (const file of files) {
      const source = createReadStream(file);
      for await (const row of intake.cfpb(source, basename(file))) {
        if (isSummary(row)) continue; // the report adds up the rows of all files
        report.rows += 1;
        report.newEvents += row.newEvents;
        report.warnings += row.warnings.length;
        if (row.complaint !== undefined) complaints.add(row.complaint);
        if (row.status === 'rejected') report.rejected += 1;
        for (const issue of row.rejected) rejects.add({ file, line: row.line, ...issue });
        for (const { column, value, reason } of row.warnings)
          progress.printLine(`${file}:${String(row.line)}: warning: ${column} ${JSON.stringify(value)}: ${reason}`);
        progress.update(file, report.rows, source.bytesRead);
      }
    }
  } finally {
    progress.end();
    rejects.close();
    await intake.close();
  }
  const { rows, newEvents, warnings, rejected } = report;
  if (options.json === true) printJson({ rows, complaints: complaints.size, newEvents, warnings, rejected });
  else
    print(
      `${String(rows)} rows, ${String(complaints.size)} complaints, ${String(newEvents)} new events, ` +
        `${String(warnings)} warnings, ${String(rejected)} rejected${rejected > 0 ? ` (see ${options.rejects})` : ''}`,
    );
  if (rejected > 0) process.exitCode = 1;
}

async function importCommands(file: string, options: Options, command: Command): Promise<void> {
  await requireFile(file);
  const results = options.results === undefined ? undefined : ResultsFile.create(options.results, [file]);
  const { intake, rejects } = await open(options, [file], command);
  const progress = createProgress([file]);
  const source = createReadStream(file);
  let lines = 0;
  try {
    for await (const result of intake.commands(source, basename(file))) {
      results?.add(result);
      if (isSummary(result)) {
        progress.end();
        const { read, accepted, alreadyThere, unchanged, rejected } = result;
        if (options.json === true) printJson(result);
        else
          print(
            `${String(read)} lines, ${String(accepted)} accepted, ${String(alreadyThere)} already there, ` +
              `${String(unchanged)} unchanged, ` +
              `${String(rejected)} rejected${rejected > 0 ? ` (see ${options.rejects})` : ''}`,
          );
        if (rejected > 0) process.exitCode = 1;
        continue;
      }
      lines += 1;
      if (result.status === 'rejected')
        // a command has no columns: its pointer and its idempotency key take the place of column and value
        for (const { pointer = '', code, message } of result.errors)
          rejects.add({ file, line: result.line, column: pointer, value: result.key ?? '', reason: message, code });
      progress.update(file, lines, source.bytesRead);
    }
  } finally {
    progress.end();
    results?.close();
    rejects.close();
    await intake.close();
  }
}
