import { Command } from 'commander';
import { createBackup, restoreBackup } from '../app/backup.js';
import { configurationOf, print, printJson } from './invocation.js';

interface Options {
  readonly json?: true;
}

export const backupCommand = (): Command =>
  new Command('backup')
    .description('copy events and keys to an empty folder and verify the copy, also while the service runs')
    .argument('<dir>', 'folder for the backup; it must be empty or not exist')
    .option('--json', 'print the result as JSON')
    .action(async (folder: string, { json }: Options, command: Command) => {
      const record = await createBackup(configurationOf(command), folder);
      if (json === true) printJson(record);
      else print(`${folder} has ${String(record.events)} events up to position ${record.head ?? '–'}, and is verified`);
    });

export const restoreCommand = (): Command =>
  new Command('restore')
    .description('restore events and keys from a backup after verifying it; the service must not run')
    .argument('<dir>', 'folder of the backup')
    .option('--replace', 'rename the files of an existing store instead of refusing')
    .option('--json', 'print the result as JSON')
    .action(async (folder: string, { json, replace }: Options & { readonly replace?: true }, command: Command) => {
      const configuration = configurationOf(command);
      const restored = await restoreBackup(configuration, folder, replace === true);
      if (json === true) printJson(restored);
      else {
        for (const path of restored.replaced) print(`kept the earlier file as ${path}`);
        print(`restored ${String(restored.events)} events up to position ${restored.head ?? '–'}`);
        if (configuration.readModels.engine === 'mongodb')
          print('the read models on MongoDB may be newer: rebuild each that is halted after the start');
      }
    });
