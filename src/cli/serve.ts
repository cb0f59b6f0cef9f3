import { Command } from 'commander';
import type { Configuration } from '../platform/configuration.js';
import { startService } from '../app/service.js';
import { configurationOf } from './invocation.js';

/** Runs the service until SIGINT or SIGTERM; a second signal ends the process at once. */
export async function serveUntilStopped(configuration: Configuration): Promise<void> {
  const service = await startService({ configuration });
  let signals = 0;
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      signals += 1;
      if (signals > 1) process.exit(1);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
  await service.stop();
}

export const serveCommand = (): Command =>
  new Command('serve')
    .description('run the service until SIGINT or SIGTERM')
    .action(async (_options, command: Command) => {
      await serveUntilStopped(configurationOf(command));
    });
