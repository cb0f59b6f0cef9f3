// The compiled `redress` command as it is, without compiling anything first: node run-redress.mjs ARGUMENTS
import { main } from '../../../dist/src/cli/main.js';

await main(process.argv);
