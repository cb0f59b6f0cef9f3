import 'reflect-metadata';
import { serveUntilStopped } from './cli/serve.js';
import { loadConfiguration } from './platform/configuration.js';

await serveUntilStopped(loadConfiguration(process.env));
