// Runs the compiled `redress` command without compiling the sources first: node run-redress.mjs ARGUMENTS
import { main } from '../../../dist/src/cli/main.js';

await main(process.argv);
