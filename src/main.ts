import 'reflect-metadata';
import { errorMessage, printNotice } from './cli/invocation.js';
import { serveUntilStopped } from './cli/serve.js';
import { loadConfiguration } from './platform/configuration.js';

/* Entry point of the service without the command line: runs it until SIGINT or SIGTERM. */
try {
  await serveUntilStopped(loadConfiguration(process.env));
} catch (error) {
  printNotice(`redress: ${errorMessage(error)}`);
  process.exitCode = 1;
}
