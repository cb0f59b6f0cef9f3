import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SUBCOMMANDS } from './main.js';

test('every subcommand that a file of this folder exports is registered', async () => {
  const files = readdirSync(__dirname).filter((file) => /^[a-z-]+\.ts$/.test(file));
  const exportedCommands: unknown[] = [];
  for (const file of files) {
    const exported = (await import(join(__dirname, file))) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(exported)) if (name.endsWith('Command')) exportedCommands.push(value);
  }
  expect(new Set(SUBCOMMANDS)).toEqual(new Set(exportedCommands));
});
