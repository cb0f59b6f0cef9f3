import { Command } from 'commander';
import { loadConfiguration, type Configuration } from '../platform/configuration.js';
import { startService } from '../service.js';

/** Runs the service until SIGINT or SIGTERM; the second signal does not wait for what is under way. */
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
  new Command('serve').description('run the service').action(async (_options: unknown, command: Command) => {
    await serveUntilStopped(configurationOf(command));
  });

/** The environment, with `--data` of the command line before it. */
export function configurationOf(command: Command): Configuration {
  const { data } = command.optsWithGlobals<{ data?: string }>();
  return loadConfiguration({ ...process.env, ...(data !== undefined && { REDRESS_DATA: data }) });
}
