import { Command } from 'commander';
import { existsSync } from 'node:fs';
import { keysFile, loadKeys } from '../access/keys.js';
import { configurationOf, print, UserError } from './invocation.js';

export function keysCommand(): Command {
  const group = new Command('keys').description('manage the keys of the installation');
  group
    .command('create')
    .description('write a new keys.json after the old one was lost for good; callers then need the new keys')
    .action((_options, command: Command) => {
      const { data } = configurationOf(command);
      const file = keysFile(data);
      if (existsSync(file)) throw new UserError(`${file} exists already; nothing was changed`);
      loadKeys(data);
      print(`created ${file}`);
    });
  return group;
}
