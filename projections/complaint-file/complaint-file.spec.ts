import {
  ComplaintAcknowledged,
  ComplaintClosed,
  ComplaintReceived,
  ContactRecorded,
  FinalResponseSent,
  NoteAdded,
} from '../../src/complaint/events.js';
import { evolve, initial } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import type { DomainEvent, Recorded } from '../../src/eventstore/envelope.js';
import { MAX_APPEND_BYTES } from '../../src/eventstore/event-store.js';
import { instant } from '../../src/platform/moment.js';
import { Digests } from '../../src/readmodels/digest.js';
import { NotYetVisible, type Document } from '../../src/readmodels/read-models.js';
import { COMPLAINT, decodeJson, given, ofComplaint } from '../../test/support/projections/given.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { fact, MemoryLog, type Fact } from '../../test/support/projections/memory-log.js';
import { replaceLiveDocuments } from '../../test/support/read-models/serve.js';
import { fileState, NO_VIEWS, viewsAfter } from '../../test/support/projections/views.js';
import { REVISIONS_PER_PAGE } from './pages.js';
import { newModel } from '../../src/readmodels/write-checks.js';
import { complaintFile } from './projection.js';
import { fileOf, idOfReference } from './query.js';

const received = ComplaintReceived({
  reference: 'ABCDEFGHJKMNPQR',
  receivedAt: instant('2026-01-05T09:00:00.000Z'),
  channel: 'phone',
  sources: [],
  parties: [],
  points: [{ id: 'p1', issue: 'cold dish', subject: {} }],
});
const noted = NoteAdded({ noteId: 'n1', text: 'called the kitchen' });
const acknowledged = ComplaintAcknowledged({ channel: 'phone' });
const stream = `complaint-${COMPLAINT}`;
const history: readonly Fact[] = [
  fact(stream, received),
  fact(stream, acknowledged, 'recorded'),
  fact(stream, noted, 'recorded'),
  fact(stream, ComplaintClosed({ reason: 'handled' }), 'recorded'),
];

describe('the complaint file', () => {
  test('equals the folded state of the complaint, with times given by the sender and times of recording', async () => {
    const log = new MemoryLog();
    log.record(...history);
    const events = log.events.map((event) => decodeJson(event) as Recorded<ComplaintEvent>);
    const readModels = await readModelsWith(history);
    const file = await fileOf(readModels.port, COMPLAINT);
    const { lodged, ...state } = events.reduce(evolve, initial(COMPLAINT));
    expect(file).toMatchObject({ ...state, revision: 3, position: events[3]?.position });
    expect(file?.lodged?.facts).toEqual(lodged?.facts);
    await readModels.remove();
  });

  test('is the same when its events are folded twice', async () => {
    const once = await given(complaintFile, history.slice(0, 1));
    const twice = await given(complaintFile, history.slice(0, 1), { numberOfTimes: 2 });
    expect(twice.get(COMPLAINT)).toMatchObject({ stage: 'Received', revision: 0, notes: [] });
    expect([...twice.keys()]).toEqual([...once.keys()]);
    const withNote = await given(complaintFile, ofComplaint(received, NoteAdded({ noteId: 'n1', text: 'a' })), {
      numberOfTimes: 2,
    });
    expect(withNote.get(COMPLAINT)).toMatchObject({ revision: 1, notes: [], entryCount: 1 });
    expect(withNote.get(`${COMPLAINT}/0`)).toMatchObject({ entries: [{ revision: 1, notes: [{ noteId: 'n1' }] }] });
  });

  test('is found by its reference', async () => {
    const readModels = await readModelsWith(history);
    expect(await idOfReference(readModels.port, 'ABCDEFGHJKMNPQR')).toBe(COMPLAINT);
    expect(await idOfReference(readModels.port, 'ABCDEFGHJKMNPQS')).toBeUndefined();
    expect(await fileOf(readModels.port, 'unknown-id')).toBeUndefined();
    await readModels.remove();
  });

  test('two runs that record at different times have equal content digests but different digests', async () => {
    /** A receipt and a note, both recorded at `ms`. With 'recorded', the sender gives no time for the note. */
    const recordedAt = (ms: number, occurredAtBasis: 'recorded' | undefined): readonly Fact[] => {
      const time = new Date(ms).toISOString();
      return [...history.slice(0, 1), fact(stream, noted, occurredAtBasis)].map((event) => ({
        ...event,
        metadata: { ...event.metadata, recordedAt: time, commandId: 'c' },
        ...(event.metadata?.occurredAtBasis === 'recorded' && { occurredAt: instant(time) }),
      }));
    };
    const digestsOf = async (facts: readonly Fact[]) => {
      const digests = new Digests(complaintFile.nonDeterministicFields);
      for (const document of (await given(complaintFile, facts)).values()) digests.add(document);
      return digests.end();
    };
    const first = await digestsOf(recordedAt(1_700_000_000_000, 'recorded'));
    const second = await digestsOf(recordedAt(1_800_000_000_000, 'recorded'));
    expect(first.contentDigest).toBe(second.contentDigest);
    expect(first.digest).not.toBe(second.digest);
    // a time that the sender gives is part of the content
    const timeGiven = await digestsOf(recordedAt(0, undefined));
    expect(timeGiven.contentDigest).not.toBe(first.contentDigest);
  });
});

describe('a long complaint', () => {
  const longText = '\u{1F62D}'.repeat(20_000); // 80,000 bytes in UTF-8, 40,000 UTF-16 units
  const letter = FinalResponseSent({
    responseId: 'f1',
    kind: 'accept',
    addressees: [],
    channel: 'letter',
    text: longText,
  });
  const contact = ContactRecorded({
    contactId: 'c1',
    direction: 'inbound',
    channel: 'phone',
    at: instant('2026-01-05T09:00:00.000Z'),
    result: 'reached',
    substantive: true,
    content: longText,
  });
  const bytesOf = (document: object | null): number => Buffer.byteLength(JSON.stringify(document));

  test('has a file under 10 kB and no page over 8 MB with 215 long notes', () => {
    const facts = [received, ...Array.from({ length: 215 }, (_, n) => NoteAdded({ noteId: `n${n}`, text: longText }))];
    const views = recordedOf(facts).reduce((previous, event) => viewsAfter(previous, event, COMPLAINT), NO_VIEWS);
    const { [COMPLAINT]: file, ...pages } = views.files;
    expect(bytesOf(file ?? null)).toBeLessThan(10_000);
    expect(Object.values(pages)).toHaveLength(27);
    expect(Math.max(...Object.values(pages).map(bytesOf))).toBeLessThan(8_000_000);
    expect(fileState(views, COMPLAINT)?.notes.map(({ text }) => text.length)).toEqual(Array(215).fill(40_000));
  });

  test('has no page over 8 MB even with appends of the maximum size', () =>
    expect(REVISIONS_PER_PAGE * MAX_APPEND_BYTES).toBeLessThan(8_000_000));

  test('is returned with all notes, contacts and texts, in event order', async () => {
    const notes = Array.from({ length: 20 }, (_, n) => NoteAdded({ noteId: `n${n}`, text: 'called' }));
    const facts = [received, ...notes.slice(0, 10), letter, contact, ...notes.slice(10)];
    const readModels = await readModelsWith(facts.map((event) => fact(stream, event)));
    const file = await fileOf(readModels.port, COMPLAINT);
    expect(file).toMatchObject({ letters: [{ text: longText }], contacts: [{ contactId: 'c1', content: longText }] });
    expect(file?.notes.map(({ noteId }) => noteId)).toEqual(notes.map(({ data }) => data.noteId));
    expect(file).not.toHaveProperty('entryCount');
    await readModels.remove();
  });

  describe('with a file and a page that include different events', () => {
    const before = recordedOf([received, noted]);
    const after = recordedOf([received, noted, NoteAdded({ noteId: 'n2', text: 'again' })]);
    const filesAfter = (events: readonly Recorded[]) =>
      events.reduce((views, event) => viewsAfter(views, event, COMPLAINT), NO_VIEWS).files;
    const page = `${COMPLAINT}/0`;

    /**
     * Reads the complaint from a store whose file includes the events `ofFile`. Its page includes the events `ofPage` for
     * the first `lag` reads, then the events `ofFile`.
     */
    const read = (ofFile: readonly Recorded[], ofPage: readonly Recorded[], lag = Infinity) => {
      let reads = 0;
      const document = (id: string, events: readonly Recorded[]) =>
        ({ ...filesAfter(events)[id], _id: id, _position: '1' }) as unknown as Document;
      const unexpected = () => Promise.reject(new Error('unexpected call'));
      return fileOf(
        {
          loadModel: (name) => Promise.resolve({ ...newModel(name), live: 'complaint_file@4.1' }),
          find: () => Promise.resolve([document(COMPLAINT, ofFile)]),
          getMany: () => Promise.resolve([document(page, reads++ < lag ? ofPage : ofFile)]),
          count: unexpected,
          aggregate: unexpected,
        },
        COMPLAINT,
      );
    };

    test('is returned up to the last event of the file if the page has later events', async () =>
      expect((await read(before, after))?.notes.map(({ noteId }) => noteId)).toEqual(['n1']));
    test('is read again until the page has the events of the file', async () =>
      expect((await read(after, before, 2))?.notes.map(({ noteId }) => noteId)).toEqual(['n1', 'n2']));
    test('is not visible yet if the page never has the events of the file', async () =>
      expect(read(after, before)).rejects.toThrow(NotYetVisible));
  });
});

/** Records the events in a log and returns them as read from it. */
function recordedOf(events: readonly DomainEvent[]): Recorded[] {
  const log = new MemoryLog();
  log.record(...events.map((event) => fact(stream, event)));
  return log.events.map((event) => decodeJson(event));
}

/** Read models with the complaint file after these facts, ready for queries. */
async function readModelsWith(facts: readonly Fact[]): Promise<FaultyReadModels> {
  const readModels = new FaultyReadModels();
  await replaceLiveDocuments(readModels.port, complaintFile, (await given(complaintFile, facts)).values());
  return readModels;
}
