import { parseArgs } from 'node:util';
import { startEsdbDouble, type EsdbDouble } from './esdb-double.js';
import type { EsdbFaults } from './faults.js';

/** What the parent process says over the IPC channel. */
export interface FaultRequest {
  readonly id: number;
  readonly fault: keyof EsdbFaults;
  readonly argument?: unknown;
}

/** What it is told: `port` once, then an answer for each request. */
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
  // Nobody is left to ask for anything: the parent died.
  process.once('disconnect', () => process.exit(0));
  process.on('message', (request: FaultRequest) => void obey(double, request));
  report({ port: double.port });
  process.stdout.write(`${JSON.stringify({ port: double.port, connectionString: double.connectionString })}\n`);
}

async function obey(double: EsdbDouble, { id, fault, argument }: FaultRequest): Promise<void> {
  try {
    const turn = double.faults[fault] as (argument?: unknown) => unknown;
    report({ id, value: await turn.call(double.faults, argument) });
  } catch (failure) {
    report({ id, error: String(failure) });
  }
}

function report(message: DoubleReport): void {
  process.send?.(message);
}

void main();
