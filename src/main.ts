import 'reflect-metadata';
import { errorMessage, printNotice } from './cli/invocation.js';
import { serveUntilStopped } from './cli/serve.js';
import { loadConfiguration } from './platform/configuration.js';

try {
  await serveUntilStopped(loadConfiguration(process.env));
} catch (error) {
  printNotice(`redress: ${errorMessage(error)}`);
  process.exitCode = 1;
}
