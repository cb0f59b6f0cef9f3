import type { Recorded } from '../../src/eventstore/envelope.js';
import { timeline } from '../../projections/timeline/projection.js';
import type { ParkedEvents, RetryResult, SkipResult } from '../../src/projection/operations.js';
import { startApp, type RunningApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { eventually } from '../support/eventually.js';

interface Ready {
  readonly status: string;
  readonly checks: {
    readonly projections: {
      readonly up: boolean;
      readonly states: Readonly<Record<string, { readonly state: string; readonly parked: number }>>;
    };
  };
}

const UNFOLDABLE_TEXT = 'the plate with the crack';

describe('in the running service, an event that the timeline cannot fold', () => {
  let app: RunningApp;
  let service: Client;
  /** Whether an event with UNFOLDABLE_TEXT cannot be folded. */
  let isBroken: boolean;
  /** Id of a complaint whose receipt cannot be folded while `isBroken`. */
  let unfoldable: string;
  /** Id of a complaint with the same events, all of which can be folded. */
  let foldable: string;
  let spy: jest.SpyInstance;

  beforeEach(async () => {
    isBroken = true;
    const { evolve } = timeline;
    spy = jest.spyOn(timeline, 'evolve').mockImplementation((page, event: Recorded, id) => {
      if (isBroken && JSON.stringify(event.data).includes(UNFOLDABLE_TEXT)) throw new Error('cannot be folded');
      return evolve(page, event, id);
    });
    app = await startApp();
    service = new Client(app);
    unfoldable = await lodge(UNFOLDABLE_TEXT);
    foldable = await lodge('cold soup');
    await addNote(unfoldable);
    await waitUntilVisible(await addNote(foldable));
  });

  afterEach(async () => {
    await app.stop();
    spy.mockRestore();
  });

  async function lodge(narrative: string): Promise<string> {
    const reply = await service.post<{ id: string }>('/v1/complaints', { channel: 'phone', narrative });
    return reply.body.id;
  }

  async function addNote(id: string): Promise<string> {
    const reply = await service.post<{ position: string }>(`/v1/complaints/${id}/add-note`, { text: 'called' });
    expect(reply.status).toBe(200);
    return reply.body.position;
  }

  async function waitUntilVisible(position: string): Promise<void> {
    expect(await app.service.stores.projections.waitFor('timeline', position, 60_000)).toBe(true);
  }

  const address = '/v1/projections/timeline';
  const listParked = async () => (await service.get<ParkedEvents>(`${address}/parked`)).body;
  const readHealth = () => service.get<Ready>('/health/ready');
  /** @param series name and labels of the metric */
  const metricValue = async (series: string): Promise<number> => {
    const { body } = await service.get<string>('/metrics');
    const line = body.split('\n').find((text) => text.startsWith(`${series} `));
    if (line === undefined) throw new Error(`there is no metric ${series}`);
    return Number(line.slice(series.length));
  };
  /** Number of entries on the first page of the timeline of a complaint. */
  const entriesOf = async (id: string): Promise<number> => {
    const { readModels } = app.service.stores;
    const collection = (await readModels.loadModel('timeline'))?.live ?? '';
    const [page] = await readModels.getMany(collection, [`${id}/0`]);
    return (page as { readonly entries?: readonly unknown[] } | undefined)?.entries?.length ?? 0;
  };

  test('makes the health check degraded but not down, until a retry folds the event', async () => {
    const { status, body } = await readHealth();
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'degraded', checks: { projections: { up: true } } });
    expect(body.checks.projections.states).toMatchObject({
      timeline: { state: 'live', parked: (await listParked()).documents[0]?.events },
      complaints: { state: 'live', parked: 0 },
    });
    expect(JSON.stringify(body)).not.toContain(unfoldable);
    isBroken = false;
    await service.post(`${address}/retry`, {});
    expect((await readHealth()).body.status).toBe('up');
  });

  test('is counted in the metrics, which also report progress and state of each read model', async () => {
    const [document] = (await listParked()).documents;
    expect(document?.events).toBeGreaterThan(1);
    expect(await metricValue('redress_projection_parked{projection="timeline"}')).toBe(document?.events);
    expect(await metricValue('redress_projection_parked{projection="complaints"}')).toBe(0);
    expect(await metricValue('redress_projection_lag_events{projection="timeline"}')).toBe(0);
    expect(await metricValue('redress_projection_lag_seconds{projection="timeline"}')).toBe(0);
    expect(await metricValue('redress_projection_state{projection="timeline",state="live"}')).toBe(1);
    expect(await metricValue('redress_projection_state{projection="timeline",state="halted"}')).toBe(0);
    await service.post(`${address}/pause`, {});
    const position = await addNote(foldable);
    expect(await app.service.stores.projections.waitFor('complaints', position, 60_000)).toBe(true);
    expect(await metricValue('redress_projection_state{projection="timeline",state="paused"}')).toBe(1);
    await eventually(async () => (await metricValue('redress_projection_lag_events{projection="timeline"}')) > 0);
  });

  test('is listed as parked, and is folded by a retry once it can be folded', async () => {
    const parked = await listParked();
    expect(parked).toMatchObject({
      documents: [
        { document: `${unfoldable}/0`, stream: `complaint-${unfoldable}`, revision: 0, type: 'ComplaintReceived' },
      ],
      skipped: [],
    });
    expect(JSON.stringify(parked)).not.toContain(UNFOLDABLE_TEXT);
    expect(await entriesOf(foldable)).toBeGreaterThan(1);
    expect((await service.post<RetryResult>(`${address}/retry`, {})).body.documents).toMatchObject([{ folded: 0 }]);
    isBroken = false;
    const other = await service.post<RetryResult>(`${address}/retry`, { document: `${foldable}/0` });
    expect(other.body).toEqual({ name: 'timeline', documents: [] });
    const { status, body } = await service.post<RetryResult>(`${address}/retry`, { document: `${unfoldable}/0` });
    expect(status).toBe(200);
    expect(body.documents).toEqual([{ document: `${unfoldable}/0`, folded: parked.documents[0]?.events, waiting: 0 }]);
    expect(await entriesOf(unfoldable)).toBe(await entriesOf(foldable));
  });

  test('can be skipped by a supervisor, with a reason', async () => {
    const [first] = (await listParked()).documents;
    const request = { document: first?.document, position: first?.position, reason: 'only a test' };
    const reply = await service.post<SkipResult>(`${address}/skip`, request, { as: 'supervisor' });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        skipped: true,
        skip: { ...request, by: { type: 'person', id: 'supervisor-1' }, type: 'ComplaintReceived' },
      },
    });
    expect(await listParked()).toMatchObject({ documents: [], skipped: [request] });
    expect(await entriesOf(unfoldable)).toBe((await entriesOf(foldable)) - 1);
    const again = await service.post<{ code: string }>(`${address}/skip`, request, { as: 'supervisor' });
    expect(again).toMatchObject({ status: 409, body: { code: 'nothing_to_skip' } });
  });

  test.each([
    ['no reason', { document: 'd', position: '1' }, '/reason'],
    ['an invalid position', { document: 'd', position: 'first', reason: 'why' }, '/position'],
    ['an actor in the body', { document: 'd', position: '1', reason: 'why', by: 'me' }, '/by'],
  ])('is not skipped by a request with %s: the request is rejected', async (_, request, pointer) => {
    const reply = await service.post(`${address}/skip`, request);
    expect(reply).toMatchObject({ status: 400, body: { code: 'validation_failed', errors: [{ pointer }] } });
  });

  test('cannot be listed, retried or skipped in an unknown projection: the status is 404', async () => {
    for (const reply of [
      await service.get('/v1/projections/unknown/parked'),
      await service.post('/v1/projections/unknown/retry', {}),
      await service.post('/v1/projections/unknown/skip', { document: 'd', position: '1', reason: 'why' }),
    ])
      expect(reply).toMatchObject({ status: 404, body: { code: 'projection_not_found' } });
  });
});
