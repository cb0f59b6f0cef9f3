import { ComplaintAcknowledged, ComplaintReceived, ComplaintClosed, NoteAdded } from '../../src/complaint/events.js';
import { evolve, initial } from '../../src/complaint/complaint.js';
import type { ComplaintEvent } from '../../src/complaint/events.js';
import type { Recorded } from '../../src/eventstore/envelope.js';
import { instant } from '../../src/platform/moment.js';
import { digest } from '../../src/readmodels/digest.js';
import { COMPLAINT, decodeJson, given, ofComplaint } from '../../test/support/projections/given.js';
import { FaultyReadModels } from '../../test/support/projections/faulty-read-models.js';
import { fact, MemoryLog, type Fact } from '../../test/support/projections/memory-log.js';
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

  test('folding twice changes nothing', async () => {
    const once = await given(complaintFile, history.slice(0, 1));
    const twice = await given(complaintFile, history.slice(0, 1), { numberOfTimes: 2 });
    expect(twice.get(COMPLAINT)).toMatchObject({ stage: 'Received', revision: 0, notes: [] });
    expect([...twice.keys()]).toEqual([...once.keys()]);
    const noted = await given(complaintFile, ofComplaint(received, NoteAdded({ noteId: 'n1', text: 'a' })), {
      numberOfTimes: 2,
    });
    expect(noted.get(COMPLAINT)).toMatchObject({ revision: 1, notes: [{ noteId: 'n1' }] });
  });

  test('is found by its reference', async () => {
    const readModels = await served(history);
    expect(await idOfReference(readModels.port, 'ABCDEFGHJKMNPQR')).toBe(COMPLAINT);
    expect(await idOfReference(readModels.port, 'ABCDEFGHJKMNPQS')).toBeUndefined();
    expect(await fileOf(readModels.port, 'nobody')).toBeUndefined();
    await readModels.remove();
  });

  test('two runs at other times have one content digest where the sender gave the times, and where nobody did', async () => {
    const at = (time: 'recorded' | undefined, start: number): readonly Fact[] => {
      const runs = [...history.slice(0, 1), fact(stream, noted, time)];
      return runs.map((one) => ({
        ...one,
        metadata: { ...one.metadata, recordedAt: new Date(start).toISOString(), commandId: 'c' },
        ...(one.metadata?.occurredAtBasis === 'recorded' && { occurredAt: instant(new Date(start).toISOString()) }),
      }));
    };
    const contentOf = async (facts: readonly Fact[]) =>
      digest((await given(complaintFile, facts)).values(), complaintFile.runFields);
    const fullOf = async (facts: readonly Fact[]) => digest((await given(complaintFile, facts)).values());
    const [one, other] = [at('recorded', 1_700_000_000_000), at('recorded', 1_800_000_000_000)];
    expect(await contentOf(one)).toBe(await contentOf(other));
    expect(await fullOf(one)).not.toBe(await fullOf(other));
    expect(await contentOf(at(undefined, 0))).not.toBe(await contentOf(one));
  });
});

/** The file as a query meets it. */
async function served(facts: readonly Fact[]): Promise<FaultyReadModels> {
  const readModels = new FaultyReadModels();
  await readModels.port.createCollection('complaint_file@1.1', complaintFile.indexes);
  await readModels.port.swapAlias('complaint_file', null, 'complaint_file@1.1');
  const documents = await given(complaintFile, facts);
  await readModels.port.write({
    collection: 'complaint_file@1.1',
    writes: [...documents.values()].map((document) => ({ id: document._id, loaded: null, document })),
    checkpoint: { id: 'complaint_file@1.1', from: null, to: { storeId: 's', position: '1', eventId: 'e', epoch: 1 } },
  });
  return readModels;
}
