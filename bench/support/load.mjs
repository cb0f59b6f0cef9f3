// A process that sends commands over persistent HTTP/1.1 connections, with one request in flight on each connection.
// Receives {url, key, connections, seconds, name} from its parent process, and sends back requests per second and
// latencies in ms.
import { connect } from 'node:net';
import { complaintIdOf } from '../../dist/src/complaint/identity.js';
import { lodging, STEPS } from './complaint-commands.mjs';
import { percentile } from './figures.mjs';
import { NO_COMMAND_ID } from './histories.mjs';

/** The commands after the lodging of a complaint. The first of STEPS, the classification, is not sent. */
const commands = STEPS.slice(1).map(({ path, data }) => ({ path, body: JSON.stringify(data) }));

/** One connection. It sends all commands of a complaint, then those of the next complaint. */
class Connection {
  latencies = []; // milliseconds
  refusals = []; // responses whose status is not 20x
  received = ''; // the part of the current response that has arrived

  constructor({ url, key, name }, number) {
    const { hostname, port } = new URL(url);
    this.name = `${name}-${String(number)}`;
    this.headers = `HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n`;
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.setEncoding('latin1');
    this.complaint = 0; // number of the current complaint
    this.sentCommands = commands.length; // for the current complaint, without its lodging; at this value a lodging is next
  }

  async open() {
    await new Promise((resolve, reject) => this.socket.once('connect', resolve).once('error', reject));
  }

  /** Sends commands one after the other; resolves with the first response at or after `end` (milliseconds). */
  sendUntil(end) {
    return new Promise((resolve, reject) => {
      this.socket.on('error', reject);
      this.socket.on('close', () => reject(new Error('the connection was closed')));
      this.socket.on('data', (text) => {
        this.received += text;
        if (!this.completeResponse()) return;
        if (performance.now() < end) this.sendNext();
        else {
          this.socket.removeAllListeners('close').destroy();
          resolve();
        }
      });
      this.sendNext();
    });
  }

  sendNext() {
    if (this.sentCommands === commands.length) {
      const ref = `${this.name}-${String(++this.complaint)}`;
      this.id = complaintIdOf({ sources: [{ system: 'bench', ref }] }, NO_COMMAND_ID);
      this.sentCommands = 0;
      this.send('/v1/complaints', JSON.stringify(lodging({ system: 'bench', ref })));
    } else {
      const { path, body } = commands[this.sentCommands++];
      this.send(`/v1/complaints/${this.id}/${path}`, body);
    }
  }

  send(path, body) {
    const key = `${this.name}-${String(this.complaint)}-${String(this.sentCommands)}`;
    this.sentAt = performance.now();
    this.socket.write(
      `POST ${path} ${this.headers}Idempotency-Key: ${key}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
    );
  }

  /** Returns whether the response has arrived completely. If so, records its latency and whether it is a refusal. */
  completeResponse() {
    const endOfHeaders = this.received.indexOf('\r\n\r\n');
    if (endOfHeaders < 0) return false;
    const startOfBody = endOfHeaders + 4;
    const length = /content-length: (\d+)/i.exec(this.received)?.[1];
    if (length === undefined || this.received.length < startOfBody + Number(length)) return false;
    this.latencies.push(performance.now() - this.sentAt);
    if (!this.received.startsWith('HTTP/1.1 20')) this.refusals.push(this.received);
    this.received = '';
    return true;
  }
}

process.on('message', async (load) => {
  const connections = Array.from({ length: load.connections }, (_, number) => new Connection(load, number));
  await Promise.all(connections.map((connection) => connection.open()));
  const startTime = performance.now();
  await Promise.all(connections.map((connection) => connection.sendUntil(startTime + load.seconds * 1000)));
  const seconds = (performance.now() - startTime) / 1000;
  const latencies = connections.flatMap((connection) => connection.latencies);
  const [refusal] = connections.flatMap((connection) => connection.refusals);
  process.send({
    perSecond: latencies.length / seconds,
    requests: latencies.length,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    refusal,
  });
});
