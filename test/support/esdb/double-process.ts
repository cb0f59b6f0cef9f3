import { parseArgs } from 'node:util';
import { startEsdbDouble, type EsdbDouble } from './esdb-double.js';
import type { EsdbFaults } from './faults.js';

/** A request of the parent process over the IPC channel: it calls one method of the faults. */
export interface FaultRequest {
  readonly id: number;
  readonly fault: keyof EsdbFaults;
  readonly argument?: unknown;
}

/** A message to the parent process: first the port, then one response to each request. */
export type DoubleReport =
  { readonly port: number } | { readonly id: number; readonly value?: unknown; readonly error?: string };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      file: { type: 'string' },
      'grace-ms': { type: 'string' },
      'without-foreign-streams': { type: 'boolean' },
    },
  });
  const graceMs = Number(values['grace-ms'] ?? 5_000);
  const double = await startEsdbDouble({
    port: Number(values.port ?? 0),
    withoutForeignStreams: values['without-foreign-streams'] ?? false,
    ...(values.file === undefined ? {} : { file: values.file }),
  });
  const stop = (): void => {
    void double.faults.stopGracefully({ graceMs }).then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // The parent process has ended.
  process.once('disconnect', () => process.exit(0));
  process.on('message', (request: FaultRequest) => void execute(double, request));
  report({ port: double.port });
  process.stdout.write(`${JSON.stringify({ port: double.port, connectionString: double.connectionString })}\n`);
}

async function execute(double: EsdbDouble, { id, fault, argument }: FaultRequest): Promise<void> {
  try {
    const method = double.faults[fault] as (argument?: unknown) => unknown;
    report({ id, value: await method.call(double.faults, argument) });
  } catch (error) {
    report({ id, error: String(error) });
  }
}

function report(message: DoubleReport): void {
  process.send?.(message);
}

void main();
