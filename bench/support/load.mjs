// Sends commands over HTTP/1.1 connections that are kept open, one request at a time each, from a process of its own.
// Receives {url, key, connections, seconds, name} from its parent; answers requests per second and latencies in milliseconds.
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

  /** Sends until the time is over; resolves with the last answer. */
  until(end) {
    return new Promise((resolve, reject) => {
      this.socket.on('error', reject);
      this.socket.on('close', () => reject(new Error('the connection was closed')));
      this.socket.on('data', (text) => {
        this.received += text;
        if (!this.answered()) return;
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
    this.began = performance.now();
    this.socket.write(
      `POST ${path} ${this.head}Idempotency-Key: ${key}\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
    );
  }

  /** True if the answer is complete. */
  answered() {
    const body = this.received.indexOf('\r\n\r\n') + 4;
    if (body === 3) return false;
    const length = /content-length: (\d+)/i.exec(this.received)?.[1];
    if (length === undefined || this.received.length < body + Number(length)) return false;
    this.latencies.push(performance.now() - this.began);
    if (!this.received.startsWith('HTTP/1.1 20')) this.refused.push(this.received);
    this.received = '';
    return true;
  }
}

process.on('message', async (load) => {
  const senders = Array.from({ length: load.connections }, (_, number) => new Sender(load, number));
  await Promise.all(senders.map((sender) => sender.open()));
  const began = performance.now();
  await Promise.all(senders.map((sender) => sender.until(began + load.seconds * 1000)));
  const seconds = (performance.now() - began) / 1000;
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
