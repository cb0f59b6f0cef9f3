import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { main, SUBCOMMANDS } from './main.js';

test('every subcommand that a file of this folder exports is registered', async () => {
  const files = readdirSync(__dirname).filter((file) => /^[a-z-]+\.ts$/.test(file));
  const exportedCommands: unknown[] = [];
  for (const file of files) {
    const exported = (await import(join(__dirname, file))) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(exported)) if (name.endsWith('Command')) exportedCommands.push(value);
  }
  expect(new Set(SUBCOMMANDS)).toEqual(new Set(exportedCommands));
});

test.each([
  [['trends', '--org-unit', 'x'], "redress: unknown option '--org-unit'; --help lists what is accepted\n"],
  [['frobnicate'], "redress: unknown command 'frobnicate'; --help lists what is accepted\n"],
  [['history'], "redress: missing required argument 'complaint'; --help lists what is accepted\n"],
])('%j is refused in one line', async (args, expected) => {
  let notices = '';
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    notices += String(text);
    return true;
  });
  try {
    await main(['node', 'redress', ...args]);
    expect([notices, process.exitCode]).toEqual([expected, 1]);
  } finally {
    process.exitCode = 0;
    stderr.mockRestore();
  }
});
