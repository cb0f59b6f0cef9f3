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
import { serve } from '../../test/support/read-models/serve.js';
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
  test('is the state that the fold of the complaint gives, wherever the times came from', async () => {
    const log = new MemoryLog();
    log.record(...history);
    const events = log.events.map((event) => decodeJson(event) as Recorded<ComplaintEvent>);
    const readModels = await served(history);
    const file = await fileOf(readModels.port, COMPLAINT);
    const { lodged, ...state } = events.reduce(evolve, initial(COMPLAINT));
    expect(file).toMatchObject({ ...state, revision: 3, position: events[3]?.position });
    expect(file?.lodged?.facts).toEqual(lodged?.facts);
    await readModels.remove();
  });

  test('folding twice gives the same result', async () => {
    const once = await given(complaintFile, history.slice(0, 1));
    const twice = await given(complaintFile, history.slice(0, 1), { numberOfTimes: 2 });
    expect(twice.get(COMPLAINT)).toMatchObject({ stage: 'Received', revision: 0, notes: [] });
    expect([...twice.keys()]).toEqual([...once.keys()]);
    const noted = await given(complaintFile, ofComplaint(received, NoteAdded({ noteId: 'n1', text: 'a' })), {
      numberOfTimes: 2,
    });
    expect(noted.get(COMPLAINT)).toMatchObject({ revision: 1, notes: [], entryCount: 1 });
    expect(noted.get(`${COMPLAINT}/0`)).toMatchObject({ entries: [{ revision: 1, notes: [{ noteId: 'n1' }] }] });
  });

  test('is found by its reference', async () => {
    const readModels = await served(history);
    expect(await idOfReference(readModels.port, 'ABCDEFGHJKMNPQR')).toBe(COMPLAINT);
    expect(await idOfReference(readModels.port, 'ABCDEFGHJKMNPQS')).toBeUndefined();
    expect(await fileOf(readModels.port, 'nobody')).toBeUndefined();
    await readModels.remove();
  });

  test('two runs at different times have equal content digests, with and without given times', async () => {
    const at = (time: 'recorded' | undefined, start: number): readonly Fact[] => {
      const runs = [...history.slice(0, 1), fact(stream, noted, time)];
      return runs.map((one) => ({
        ...one,
        metadata: { ...one.metadata, recordedAt: new Date(start).toISOString(), commandId: 'c' },
        ...(one.metadata?.occurredAtBasis === 'recorded' && { occurredAt: instant(new Date(start).toISOString()) }),
      }));
    };
    const digestsOf = async (facts: readonly Fact[]) => {
      const digests = new Digests(complaintFile.nonDeterministicFields);
      for (const document of (await given(complaintFile, facts)).values()) digests.add(document);
      return digests.end();
    };
    const [one, other] = await Promise.all([
      digestsOf(at('recorded', 1_700_000_000_000)),
      digestsOf(at('recorded', 1_800_000_000_000)),
    ]);
    expect(one.contentDigest).toBe(other.contentDigest);
    expect(one.digest).not.toBe(other.digest);
    expect((await digestsOf(at(undefined, 0))).contentDigest).not.toBe(one.contentDigest);
  });
});

describe('a long complaint', () => {
  const emoji = '\u{1F62D}'.repeat(20_000);
  const letter = FinalResponseSent({
    responseId: 'f1',
    kind: 'accept',
    addressees: [],
    channel: 'letter',
    text: emoji,
  });
  const contact = ContactRecorded({
    contactId: 'c1',
    direction: 'inbound',
    channel: 'phone',
    at: instant('2026-01-05T09:00:00.000Z'),
    result: 'reached',
    substantive: true,
    content: emoji,
  });
  const bytesOf = (document: object | null): number => Buffer.byteLength(JSON.stringify(document));

  test('has a short file, and no page over 8 MB', () => {
    const facts = [received, ...Array.from({ length: 215 }, (_, n) => NoteAdded({ noteId: `n${n}`, text: emoji }))];
    const views = recordedOf(facts).reduce((before, event) => viewsAfter(before, event, COMPLAINT), NO_VIEWS);
    const { [COMPLAINT]: file, ...pages } = views.files;
    expect(bytesOf(file ?? null)).toBeLessThan(10_000);
    expect(Object.values(pages)).toHaveLength(27);
    expect(Math.max(...Object.values(pages).map(bytesOf))).toBeLessThan(8_000_000);
    expect(fileState(views, COMPLAINT)?.notes.map(({ text }) => text.length)).toEqual(Array(215).fill(40_000));
  });

  test('has no page over 8 MB for any events', () =>
    expect(REVISIONS_PER_PAGE * MAX_APPEND_BYTES).toBeLessThan(8_000_000));

  test('is returned completely, in event order', async () => {
    const notes = Array.from({ length: 20 }, (_, n) => NoteAdded({ noteId: `n${n}`, text: 'called' }));
    const facts = [received, ...notes.slice(0, 10), letter, contact, ...notes.slice(10)];
    const readModels = await served(facts.map((one) => fact(stream, one)));
    const file = await fileOf(readModels.port, COMPLAINT);
    expect(file).toMatchObject({ letters: [{ text: emoji }], contacts: [{ contactId: 'c1', content: emoji }] });
    expect(file?.notes.map(({ noteId }) => noteId)).toEqual(notes.map(({ data }) => data.noteId));
    expect(file).not.toHaveProperty('entryCount');
    await readModels.remove();
  });

  describe('with file and pages written at different times', () => {
    const before = recordedOf([received, noted]);
    const after = recordedOf([received, noted, NoteAdded({ noteId: 'n2', text: 'again' })]);
    const filesAfter = (events: readonly Recorded[]) =>
      events.reduce((views, event) => viewsAfter(views, event, COMPLAINT), NO_VIEWS).files;
    const page = `${COMPLAINT}/0`;

    /** Answers the file of the one history and, `lag` reads long, the page of the other. */
    const read = (file: readonly Recorded[], pages: readonly Recorded[], lag = Infinity) => {
      let reads = 0;
      const document = (id: string, from: readonly Recorded[]) =>
        ({ ...filesAfter(from)[id], _id: id, _position: '1' }) as unknown as Document;
      const notAsked = () => Promise.reject(new Error('is not asked'));
      return fileOf(
        {
          loadModel: (name) => Promise.resolve({ ...newModel(name), live: 'complaint_file@4.1' }),
          find: () => Promise.resolve([document(COMPLAINT, file)]),
          getMany: () => Promise.resolve([document(page, reads++ < lag ? pages : file)]),
          count: notAsked,
          aggregate: notAsked,
        },
        COMPLAINT,
      );
    };

    test('is returned by its file if a page is ahead', async () =>
      expect((await read(before, after))?.notes.map(({ noteId }) => noteId)).toEqual(['n1']));
    test('is read again if a page is behind', async () =>
      expect((await read(after, before, 2))?.notes.map(({ noteId }) => noteId)).toEqual(['n1', 'n2']));
    test('is not visible yet if the page remains behind', async () =>
      expect(read(after, before)).rejects.toThrow(NotYetVisible));
  });
});

/** As a store would give them back. */
function recordedOf(facts: readonly DomainEvent[]): Recorded[] {
  const log = new MemoryLog();
  log.record(...facts.map((one) => fact(stream, one)));
  return log.events.map((event) => decodeJson(event));
}

/** The file as a query meets it. */
async function served(facts: readonly Fact[]): Promise<FaultyReadModels> {
  const readModels = new FaultyReadModels();
  await serve(readModels.port, complaintFile, (await given(complaintFile, facts)).values());
  return readModels;
}
