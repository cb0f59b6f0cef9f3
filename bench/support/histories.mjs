// Generates histories in the form that the service records: the same event types, envelopes, hashes and sizes.
import * as events from '../../dist/src/complaint/events.js';
import { complaintIdOf } from '../../dist/src/complaint/identity.js';
import { referenceOf } from '../../dist/src/complaint/reference.js';
import { CATEGORIES, CHANNELS, SEVERITIES, TAXONOMY_VERSION } from '../../dist/src/complaint/terms/vocabulary.js';
import { GENESIS_HASH } from '../../dist/src/eventstore/chain.js';
import { encodeBatch } from '../../dist/src/eventstore/codec.js';
import { openSqliteEventStore } from '../../dist/src/eventstore/sqlite/sqlite-event-store.js';

const MINUTE_MS = 60_000;
/** When the first complaint is received. */
const START = Date.UTC(2026, 0, 5, 8);
const PRODUCTS = Array.from({ length: 40 }, (_, index) => `Product ${String(index + 1)}`);
const REGIONS = ['Beijing', 'Shanghai', 'Guangdong', 'Sichuan', 'Zhejiang', 'Hubei'];
const ORG_UNITS = ['care', 'kitchen', 'front_office', 'billing', 'delivery'];
const HANDLERS = Array.from({ length: 30 }, (_, index) => `handler-${String(index + 1)}`);
export const NARRATIVE =
  'I ordered at noon and was told forty minutes. It arrived after an hour and a half, cold, with one dish missing. ' +
  'I called twice; the first time nobody answered and the second time I was told to write. I would like my money back ' +
  'for the missing dish and somebody to tell me why nobody called.';

const versions = new Map(events.complaintEventTypes.map(({ type, version }) => [type, version]));
/** Picks a value by number. Some callers shift the number, so that the fields of a complaint vary independently. */
const pick = (list, number) => list[number % list.length];
const instant = (milliseconds) => ({ precision: 'instant', at: new Date(milliseconds).toISOString() });

/**
 * The events of complaint number n, not yet encoded: ten, or the receipt and the outcome of a register if `count` is 2.
 * `at(step)` is the time of the event with this index.
 */
function eventsOf(n, id, at, count) {
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
        subject: { product: pick(PRODUCTS, n), region: pick(REGIONS, n >> 3), orgUnit: pick(ORG_UNITS, n >> 2) },
      },
    ],
    language: 'en',
  });
  if (count === 2) {
    const outcome = { register: 'cfpb', response: 'Closed with explanation', timely: n % 9 !== 0, statedOn: at(1) };
    return [received, events.ExternalOutcomeRecorded(outcome)];
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
    events.ComplaintAssigned({ handler, orgUnit: pick(ORG_UNITS, n) }),
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

/** A complaint id derives from the command id only if the complaint has no source. */
export const NO_COMMAND_ID = '';

/** Id, stream and encoded events (a hash chain) of complaint number n. `count` is 10 or 2. */
export function historyOf(n, count = 10) {
  const id = complaintIdOf({ sources: [{ system: 'bench', ref: String(n) }] }, NO_COMMAND_ID);
  const stream = `complaint-${id}`;
  const startTime = START + n * MINUTE_MS;
  const at = (step) => instant(startTime + step * 20 * MINUTE_MS);
  const drafts = eventsOf(n, id, at, count).map((event, step) => {
    const commandId = `${id.slice(0, 24)}${(n * 16 + step).toString(16).padStart(12, '0')}`; // a unique UUID
    return {
      ...event,
      version: versions.get(event.type),
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

/** The ten events of complaint number n, followed by events from `createEvent(index)` up to the given length. */
export function longHistory(n, length, createEvent) {
  const { id, stream, events: firstEvents } = historyOf(n);
  const last = firstEvents.at(-1);
  const more = encodeBatch(
    stream,
    firstEvents.length,
    last.hash,
    Array.from({ length: length - firstEvents.length }, (_, index) => ({
      ...createEvent(index),
      version: 1,
      metadata: { commandId: `${id.slice(0, 24)}${index.toString(16).padStart(12, '0')}` },
    })),
    // the metadata of the last event, without the fields that the encoder adds to each event
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
 * Yields `total` events in log order, as [stream, revision, event]. Each complaint has `each` events (10 or 2), and the
 * events of `open` complaints are interleaved in a fixed pseudo-random order; if `open` is 1, complaints follow one another.
 * `first` is the number of the first complaint.
 */
export function* log(total, { each = 10, open = 1, first = 0 } = {}) {
  let next = first;
  const openComplaints = [];
  let seed = 42; // of a linear congruential generator
  const randomIndex = (length) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * length);
  };
  for (let count = 0; count < total; count++) {
    while (openComplaints.length < open && (next - first) * each < total)
      openComplaints.push({ ...historyOf(next++, each), nextRevision: 0 });
    const index = randomIndex(openComplaints.length);
    const complaint = openComplaints[index];
    const revision = complaint.nextRevision++;
    yield [complaint.stream, revision, complaint.events[revision]];
    if (complaint.nextRevision === complaint.events.length) openComplaints.splice(index, 1);
  }
}

const MAX_CONCURRENT_APPENDS = 1000;

/** Appends the events of {@link log} to an open store, with up to {@link MAX_CONCURRENT_APPENDS} concurrent appends. */
export async function appendAll(store, entries) {
  let group = [];
  for (const [stream, revision, event] of entries) {
    group.push(store.append(stream, revision === 0 ? 'none' : revision - 1, [event]));
    if (group.length < MAX_CONCURRENT_APPENDS) continue;
    await Promise.all(group);
    group = [];
  }
  await Promise.all(group);
}

/** Appends the events of {@link log} to the embedded event store at `path`, which is created if it does not exist. */
export async function writeLog(path, entries) {
  const store = await openSqliteEventStore(path);
  await appendAll(store, entries);
  await store.close();
}
