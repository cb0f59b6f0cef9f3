import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const programPath = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Starts serve.mjs in a separate process; its data is in `folder`/`kind`. The kind `constant` gives every command a fixed
 * reply; it decides and stores nothing. `execArgv` are options for Node.
 */
export async function startService(folder, kind = 'durable', execArgv = []) {
  const child = fork(programPath('serve.mjs'), [kind], {
    env: { ...environmentWithoutRedress(), REDRESS_DATA: join(folder, kind), REDRESS_PORT: '0' },
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'], // writes its log as usual, and the log is discarded
  });
  const pendingCalls = new Map(); // by id
  let lastId = 0;
  const ready = new Promise((resolve, reject) => {
    pendingCalls.set(0, { resolve, reject }); // serve.mjs sends a message with the id 0 when it listens
    child.once('exit', (code) => {
      const error = new Error(`the service ended with code ${String(code)}`);
      for (const pending of pendingCalls.values()) pending.reject(error);
    });
  });
  child.on('message', ({ id, value, error }) => {
    const pending = pendingCalls.get(id);
    pendingCalls.delete(id);
    if (error === undefined) pending?.resolve(value);
    else pending?.reject(new Error(error));
  });
  /** Calls an operation of serve.mjs, and resolves with its result. */
  const call = (operation) =>
    new Promise((resolve, reject) => {
      pendingCalls.set(++lastId, { resolve, reject });
      child.send({ id: lastId, operation });
    });
  const { url, key } = await ready;
  return {
    url,
    key,
    call,
    async stop() {
      const exited = once(child, 'exit');
      pendingCalls.clear(); // the exit is no error any more
      child.send({ id: ++lastId, operation: 'stop' });
      await exited;
    },
  };
}

/** Starts load.mjs in a separate process. */
export function startLoadGenerator() {
  const child = fork(programPath('load.mjs'));
  let sends = 0;
  return {
    /**
     * Sends commands to a service and resolves with the message of load.mjs.
     * @throws Error if a command was refused, because then the measurement is meaningless
     */
    async send({ url, key }, connections, seconds) {
      child.send({ url, key, connections, seconds, name: `load-${String(process.pid)}-${String(++sends)}` });
      const [result] = await once(child, 'message');
      if (result.refusal !== undefined) throw new Error(`a command was refused: ${result.refusal}`);
      return result;
    },
    stop: () => child.kill(),
  };
}

/** Runs a program of this folder to its end, and returns the JSON in the last line of its output. */
export function runProgram(name, ...args) {
  const { status, stdout } = spawnSync(process.execPath, [programPath(name), ...args.map(String)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(`${name} ended with code ${String(status)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** The environment of this process without variables whose name begins with REDRESS_. */
export const environmentWithoutRedress = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('REDRESS_')));
