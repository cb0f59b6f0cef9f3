import * as events from '../../dist/src/complaint/events.js';
import { complaintIdOf } from '../../dist/src/complaint/identity.js';
import { referenceOf } from '../../dist/src/complaint/reference.js';
import { CATEGORIES, CHANNELS, SEVERITIES, TAXONOMY_VERSION } from '../../dist/src/complaint/terms/vocabulary.js';
import { GENESIS_HASH } from '../../dist/src/eventstore/chain.js';
import { encodeBatch } from '../../dist/src/eventstore/codec.js';
import { openSqliteEventStore } from '../../dist/src/eventstore/sqlite/sqlite-event-store.js';
import { complaintEventTypes } from '../../dist/src/complaint/events.js';

/** Histories in the form that the service records: the same event types, envelopes, hashes and sizes. */

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5, 8);
const PRODUCTS = Array.from({ length: 40 }, (_, at) => `Product ${String(at + 1)}`);
const REGIONS = ['Beijing', 'Shanghai', 'Guangdong', 'Sichuan', 'Zhejiang', 'Hubei'];
const UNITS = ['care', 'kitchen', 'front_office', 'billing', 'delivery'];
const HANDLERS = Array.from({ length: 30 }, (_, at) => `handler-${String(at + 1)}`);
export const NARRATIVE =
  'I ordered at noon and was told forty minutes. It arrived after an hour and a half, cold, with one dish missing. ' +
  'I called twice; the first time nobody answered and the second time I was told to write. I would like my money back ' +
  'for the missing dish and somebody to tell me why nobody called.';

const versions = new Map(complaintEventTypes.map(({ type, version }) => [type, version]));
const pick = (list, at) => list[at % list.length];
const instant = (milliseconds) => ({ precision: 'instant', at: new Date(milliseconds).toISOString() });

/** The events of complaint number n: ten, or with `count` 2 the two of a register (receipt and the register's outcome). */
function facts(n, id, at, count) {
  const received = events.ComplaintReceived({
    reference: referenceOf(id),
    receivedAt: at(0),
    channel: pick(CHANNELS, n),
    narrative: NARRATIVE,
    sources: [{ system: pick(['crm', 'shop', 'hotline'], n), ref: `T-${String(n)}` }],
    parties: [
      {
        id: 'a1',
        role: 'complainant',
        name: `Complainant ${String(n)}`,
        authority: 'none',
        contacts: [{ channel: 'phone', address: `+86 10 5555 ${String(n % 10_000).padStart(4, '0')}` }],
      },
    ],
    points: [
      {
        id: 'p1',
        issue: pick(['Arrived cold', 'Arrived late', 'Wrong item', 'Charged twice', 'Rude staff'], n),
        subject: { product: pick(PRODUCTS, n), region: pick(REGIONS, n >> 3), orgUnit: pick(UNITS, n >> 2) },
      },
    ],
    language: 'en',
  });
  if (count === 2) {
    const stated = { register: 'cfpb', response: 'Closed with explanation', timely: n % 9 !== 0, statedOn: at(1) };
    return [received, events.ExternalOutcomeRecorded(stated)];
  }
  const handler = pick(HANDLERS, n);
  return [
    received,
    events.ComplaintClassified({
      nature: 'complaint',
      points: [{ id: 'p1', category: pick(CATEGORIES, n), issue: 'Arrived cold' }],
      suspectedCause: 'process_gap',
      taxonomyVersion: TAXONOMY_VERSION,
    }),
    events.SeverityAssessed({ severity: pick(SEVERITIES, n), impactScope: 'single', safetyCritical: false }),
    events.ComplaintAdmitted({}),
    events.ComplaintAssigned({ handler, orgUnit: pick(UNITS, n) }),
    events.IdentityVerified({ party: 'a1', method: 'call_back', level: 'basic' }),
    events.ContentVerified({ finding: 'substantiated', grounds: 'Kitchen log and photo agree: it waited 25 minutes.' }),
    events.MeritsAssessed({
      reasonable: 'yes',
      grounds: 'We promise hot food within 40 minutes.',
      cause: 'process_gap',
    }),
    events.DeterminationMade({
      determinationId: 'd1',
      points: [{ id: 'p1', outcome: n % 3 === 0 ? 'not_upheld' : 'upheld', reasons: 'The log shows the delay.' }],
      recourse: 'Consumer association, 12315',
    }),
    events.FinalResponseSent({
      responseId: 'f1',
      kind: n % 3 === 0 ? 'reject' : 'accept',
      addressees: ['a1'],
      channel: 'phone',
      text: 'We are sorry. The delay was ours, you get the price of the dish back, and we changed the rota for noon.',
    }),
  ];
}

/** The encoded events of complaint number n as a hash chain, with their stream. */
export function historyOf(n, count = 10) {
  const id = complaintIdOf({ sources: [{ system: 'bench', ref: String(n) }] }, '');
  const stream = `complaint-${id}`;
  const startTime = START + n * MINUTE;
  const at = (step) => instant(startTime + step * 20 * MINUTE);
  const drafts = facts(n, id, at, count).map((fact, step) => {
    const commandId = `${id.slice(0, 24)}${(n * 16 + step).toString(16).padStart(12, '0')}`;
    return {
      ...fact,
      version: versions.get(fact.type),
      metadata: {
        occurredAt: at(step),
        recordedAt: at(step).at,
        commandId,
        commandDigest: GENESIS_HASH,
        $correlationId: commandId,
        $causationId: commandId,
      },
    };
  });
  const encoded = encodeBatch(stream, 0, GENESIS_HASH, drafts, {
    actor: { type: 'person', id: pick(HANDLERS, n), role: 'handler' },
    taxonomyVersion: TAXONOMY_VERSION,
  });
  return { id, stream, events: encoded };
}

/** A history of ten events, extended to the given length by events from `fact(index)`. */
export function longHistory(n, length, fact) {
  const { id, stream, events: firstEvents } = historyOf(n);
  const last = firstEvents.at(-1);
  const more = encodeBatch(
    stream,
    firstEvents.length,
    last.hash,
    Array.from({ length: length - firstEvents.length }, (_, at) => ({
      ...fact(at),
      version: 1,
      metadata: { commandId: `${id.slice(0, 24)}${at.toString(16).padStart(12, '0')}` },
    })),
    {
      ...JSON.parse(last.metadata),
      hash: undefined,
      prevHash: undefined,
      schemaVersion: undefined,
      commandDigest: GENESIS_HASH,
    },
  );
  return { id, stream, events: [...firstEvents, ...more] };
}

/**
 * Yields events of complaints with `each` events, in log order, as [stream, revision, event]. With `open`, that many
 * complaints are interleaved in a fixed pseudo-random order; without it, complaints follow one another.
 */
export function* log(total, { each = 10, open = 1, first = 0 } = {}) {
  let next = first;
  const started = [];
  let seed = 42;
  const randomIndex = (length) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * length);
  };
  for (let count = 0; count < total; count++) {
    while (started.length < open && (next - first) * each < total)
      started.push({ ...historyOf(next++, each), done: 0 });
    const at = randomIndex(started.length);
    const complaint = started[at];
    const revision = complaint.done++;
    yield [complaint.stream, revision, complaint.events[revision]];
    if (complaint.done === complaint.events.length) started.splice(at, 1);
  }
}

const MAX_APPENDS_AT_ONCE = 1000;

/** Appends a log to an open store, up to {@link MAX_APPENDS_AT_ONCE} appends at a time. */
export async function appendAll(store, entries) {
  let group = [];
  for (const [stream, revision, event] of entries) {
    group.push(store.append(stream, revision === 0 ? 'none' : revision - 1, [event]));
    if (group.length < MAX_APPENDS_AT_ONCE) continue;
    await Promise.all(group);
    group = [];
  }
  await Promise.all(group);
}

/** Appends a log to a new or existing store with the event store of the service. */
export async function writeLog(path, entries) {
  const store = await openSqliteEventStore(path);
  await appendAll(store, entries);
  await store.close();
}
