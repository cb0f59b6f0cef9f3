#!/usr/bin/env node
// The `redress` command. In a checkout it compiles what changed first; where only dist was shipped it just runs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { built, root, setUp } from '../scripts/setup.mjs';

const checkout = existsSync(join(root, 'src'));
const ready = async () => existsSync(join(root, 'node_modules', '.package-lock.json')) && (await built());
if (checkout && !(await ready())) await setUp();
const { main } = await import('../dist/src/cli/main.js');
await main(process.argv);
