import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Controls the process of a server. */
export interface ServerControl {
  /** Starts the server on its existing data, at the same address; no effect if it runs. It may begin to answer later. */
  start(): Promise<void>;
  /** Sends SIGKILL and waits for the end of the process. */
  kill(): Promise<void>;
  /** Stops the server gracefully and waits for the end of the process. */
  stop(): Promise<void>;
  /** Sends SIGSTOP: connections stay open, and the server answers nothing, not even keepalive. */
  freeze(): Promise<void>;
  /** Sends SIGCONT; no effect if the server is not suspended. */
  thaw(): Promise<void>;
}

type Action = keyof ServerControl;

/** Controls a server with a program: each method runs it with its own name as argument and expects exit code 0. */
export class ControlProgram implements ServerControl {
  constructor(
    private readonly program: string,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  start = (): Promise<void> => this.run('start');
  kill = (): Promise<void> => this.run('kill');
  stop = (): Promise<void> => this.run('stop');
  freeze = (): Promise<void> => this.run('freeze');
  thaw = (): Promise<void> => this.run('thaw');

  private async run(action: Action): Promise<void> {
    // no pipes: a server that the program starts would keep them open
    const child = spawn(this.program, [action], { env: this.environment, stdio: ['ignore', 'ignore', 'inherit'] });
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (code !== 0) throw new Error(`${this.program} ${action} ended with ${String(code ?? signal)}`);
  }
}
