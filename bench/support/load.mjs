// A process that sends commands over persistent HTTP/1.1 connections, with one request in flight on each connection.
// Receives {url, key, connections, seconds, name} from its parent, and returns requests per second and latencies in ms.
import { connect } from 'node:net';
import { complaintIdOf } from '../../dist/src/complaint/identity.js';
import { lodging, STEPS } from './complaint-commands.mjs';
import { percentile } from './figures.mjs';

const steps = STEPS.map(({ path, data }) => ({ path, body: JSON.stringify(data) }));

class Sender {
  latencies = [];
  refused = [];
  received = '';

  constructor({ url, key, name }, number) {
    const { hostname, port } = new URL(url);
    this.name = `${name}-${String(number)}`;
    this.head = `HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n`;
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.setEncoding('latin1');
    this.complaint = 0;
    this.step = -1;
  }

  async open() {
    await new Promise((resolve, reject) => this.socket.once('connect', resolve).once('error', reject));
  }

  /** Sends commands one after the other; resolves at the first response after `end`. */
  sendUntil(end) {
    return new Promise((resolve, reject) => {
      this.socket.on('error', reject);
      this.socket.on('close', () => reject(new Error('the connection was closed')));
      this.socket.on('data', (text) => {
        this.received += text;
        if (!this.completed()) return;
        if (performance.now() < end) this.next();
        else {
          this.socket.removeAllListeners('close').destroy();
          resolve();
        }
      });
      this.next();
    });
  }

  next() {
    if (this.step === steps.length || this.step < 0) {
      const ref = `${this.name}-${String(++this.complaint)}`;
      this.id = complaintIdOf({ sources: [{ system: 'bench', ref }] }, '');
      this.step = 0;
      this.send('/v1/complaints', JSON.stringify(lodging({ system: 'bench', ref })));
    } else {
      const { path, body } = steps[this.step];
      this.send(`/v1/complaints/${this.id}/${path}`, body);
    }
    this.step++;
  }

  send(path, body) {
    const key = `${this.name}-${String(this.complaint)}-${String(this.step)}`;
    this.sentAt = performance.now();
    this.socket.write(
      `POST ${path} ${this.head}Idempotency-Key: ${key}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
    );
  }

  /** Whether the response is complete; if so, records its latency and status. */
  completed() {
    const headers = this.received.indexOf('\r\n\r\n');
    if (headers < 0) return false;
    const body = headers + 4;
    const length = /content-length: (\d+)/i.exec(this.received)?.[1];
    if (length === undefined || this.received.length < body + Number(length)) return false;
    this.latencies.push(performance.now() - this.sentAt);
    if (!this.received.startsWith('HTTP/1.1 20')) this.refused.push(this.received);
    this.received = '';
    return true;
  }
}

process.on('message', async (load) => {
  const senders = Array.from({ length: load.connections }, (_, number) => new Sender(load, number));
  await Promise.all(senders.map((sender) => sender.open()));
  const startTime = performance.now();
  await Promise.all(senders.map((sender) => sender.sendUntil(startTime + load.seconds * 1000)));
  const seconds = (performance.now() - startTime) / 1000;
  const latencies = senders.flatMap((sender) => sender.latencies);
  const [refused] = senders.flatMap((sender) => sender.refused);
  process.send({
    perSecond: latencies.length / seconds,
    requests: latencies.length,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    refused,
  });
});
