#!/usr/bin/env node
// The `redress` command. In a checkout it first installs and compiles if necessary; an installation without `src`, such
// as the container image, uses its dist folder.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { built, root, setUp } from '../scripts/setup.mjs';

const isCheckout = existsSync(join(root, 'src'));
const isReady = async () => existsSync(join(root, 'node_modules', '.package-lock.json')) && (await built());
if (isCheckout && !(await isReady())) await setUp();
const { main } = await import('../dist/src/cli/main.js');
await main(process.argv);
