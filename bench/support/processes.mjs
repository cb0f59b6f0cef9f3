import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Starts a service in its own process on a folder. The kind `constant` gives every command a fixed reply; it decides and
 * stores nothing.
 */
export async function service(folder, kind = 'durable', execArgv = []) {
  const child = fork(program('serve.mjs'), [kind], {
    env: { ...withoutOurs(), REDRESS_DATA: join(folder, kind), REDRESS_PORT: '0' },
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'], // writes its log as usual, and the log is discarded
  });
  const waiting = new Map();
  let requests = 0;
  const ready = new Promise((resolve, reject) => {
    waiting.set(0, { resolve, reject });
    child.once('exit', (code) => {
      for (const request of waiting.values()) request.reject(new Error(`the service ended with ${String(code)}`));
    });
  });
  child.on('message', ({ id, value, error }) => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) request?.resolve(value);
    else request?.reject(new Error(error));
  });
  const ask = (what) =>
    new Promise((resolve, reject) => {
      waiting.set(++requests, { resolve, reject });
      child.send({ id: requests, what });
    });
  const { url, key } = await ready;
  return {
    url,
    key,
    ask,
    async stop() {
      const gone = once(child, 'exit');
      waiting.clear();
      child.send({ id: ++requests, what: 'stop' });
      await gone;
    },
  };
}

/** A process that sends commands. */
export function loader() {
  const child = fork(program('load.mjs'));
  let name = 0;
  return {
    /** @throws Error if a command was refused, because the measurement would be meaningless */
    async send({ url, key }, connections, seconds) {
      child.send({ url, key, connections, seconds, name: `load-${String(process.pid)}-${String(++name)}` });
      const [answer] = await once(child, 'message');
      if (answer.refused !== undefined) throw new Error(`a command was refused: ${answer.refused}`);
      return answer;
    },
    stop: () => child.kill(),
  };
}

/** The environment without the variables of Redress. */
export const withoutOurs = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('REDRESS_')));
