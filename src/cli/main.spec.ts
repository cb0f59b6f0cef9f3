import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SUBCOMMANDS } from './main.js';

test('every subcommand of this folder is registered', async () => {
  const files = readdirSync(__dirname).filter((file) => /^[a-z-]+\.ts$/.test(file));
  const found: unknown[] = [];
  for (const file of files) {
    const exported = (await import(join(__dirname, file))) as Readonly<Record<string, unknown>>;
    found.push(...Object.keys(exported).flatMap((name) => (name.endsWith('Command') ? [exported[name]] : [])));
  }
  expect(new Set(SUBCOMMANDS)).toEqual(new Set(found));
});
