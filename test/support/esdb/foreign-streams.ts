import { randomUUID } from 'node:crypto';
import type { EventLog } from './event-log.js';
import type { ProposedEvent } from './recorded-event.js';

/**
 * Writes streams that a shared server holds for other programs and for itself: ordinary streams with JSON and bytes,
 * links, statistics, metadata, a soft-deleted stream and a hard-deleted one. Every test must pass with and without
 * them.
 */
export function writeForeignStreams(log: EventLog): void {
  log.append('order-1', 'any', [json('OrderPlaced', { item: 'soup' }), json('OrderPaid', { cents: 950 })]);
  log.append('order-1', 'any', [bytes('Scanned', Buffer.from([0xff, 0x00, 0x7b]))]);
  log.append('$$order-1', 'any', [json('$metadata', { $maxCount: 1000 })]);
  log.append('$ce-order', 'any', [link('0@order-1'), link('1@order-1')]);
  log.append('customer-7', 'any', [json('CustomerNamed', { name: 'Ann' }), link('0@order-1')]);
  log.append('$stats-127.0.0.1:2113', 'any', [json('$statsCollected', { 'proc-cpu': 3 })]);
  log.append('order-2', 'any', [json('OrderPlaced', { item: 'bread' })]);
  log.delete('order-2', 'any', false); // soft delete
  log.append('order-3', 'any', [json('OrderPlaced', { item: 'tea' })]);
  log.delete('order-3', 'any', true); // hard delete
}

const json = (type: string, data: object): ProposedEvent => ({
  ...bytes(type, Buffer.from(JSON.stringify(data))),
  contentType: 'application/json',
});

const link = (target: string): ProposedEvent => bytes('$>', Buffer.from(target));

const bytes = (type: string, data: Buffer): ProposedEvent => ({
  id: randomUUID(),
  type,
  contentType: 'application/octet-stream',
  data: new Uint8Array(data),
  metadata: new Uint8Array(),
});
