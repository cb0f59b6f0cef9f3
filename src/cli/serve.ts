import { Command } from 'commander';
import type { Configuration } from '../platform/configuration.js';
import { startService } from '../app/service.js';
import { configurationOf } from './invocation.js';

/** Runs the service until SIGINT or SIGTERM; a second signal, or one during the start, ends the process at once. */
export async function serveUntilStopped(configuration: Configuration): Promise<void> {
  let signal: Promise<void> | undefined;
  const service = await startService({
    configuration,
    // not after the start: whoever reads the announced URL may send a signal before that
    onListening: () => {
      signal = firstSignal();
    },
  });
  await signal;
  await service.stop();
}

/** Resolves at the first SIGINT or SIGTERM. The second one ends the process with code 1. */
function firstSignal(): Promise<void> {
  let signals = 0;
  return new Promise((resolve) => {
    const handle = (): void => {
      signals += 1;
      if (signals > 1) process.exit(1);
      resolve();
    };
    process.on('SIGINT', handle);
    process.on('SIGTERM', handle);
  });
}

export const serveCommand = (): Command =>
  new Command('serve')
    .description('run the service until SIGINT or SIGTERM')
    .action(async (_options, command: Command) => {
      await serveUntilStopped(configurationOf(command));
    });
