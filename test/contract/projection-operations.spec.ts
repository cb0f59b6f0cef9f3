import type { Recorded } from '../../src/eventstore/envelope.js';
import { timeline } from '../../projections/timeline/projection.js';
import type { Parked, Retried, Skipped } from '../../src/projection/operations.js';
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

describe('an event that the timeline cannot fold, in the running service', () => {
  let app: RunningApp;
  let service: Client;
  let broken: boolean;
  /** A complaint whose receipt cannot be folded, and one whose receipt can. */
  let unfoldable: string;
  let foldable: string;
  let spy: jest.SpyInstance;

  beforeEach(async () => {
    broken = true;
    const { evolve } = timeline;
    spy = jest.spyOn(timeline, 'evolve').mockImplementation((page, event: Recorded, id) => {
      if (broken && JSON.stringify(event.data).includes(UNFOLDABLE_TEXT)) throw new Error('cannot be folded');
      return evolve(page, event, id);
    });
    app = await startApp();
    service = new Client(app);
    unfoldable = await lodged(UNFOLDABLE_TEXT);
    foldable = await lodged('cold soup');
    await noted(unfoldable);
    await visible(await noted(foldable));
  });

  afterEach(async () => {
    await app.stop();
    spy.mockRestore();
  });

  async function lodged(narrative: string): Promise<string> {
    const reply = await service.post<{ id: string }>('/v1/complaints', { channel: 'phone', narrative });
    return reply.body.id;
  }

  async function noted(id: string): Promise<string> {
    const reply = await service.post<{ position: string }>(`/v1/complaints/${id}/add-note`, { text: 'called' });
    expect(reply.status).toBe(200);
    return reply.body.position;
  }

  async function visible(position: string): Promise<void> {
    expect(await app.service.stores.projections.waitFor('timeline', position, 60_000)).toBe(true);
  }

  const address = '/v1/projections/timeline';
  const parked = async () => (await service.get<Parked>(`${address}/parked`)).body;
  const ready = () => service.get<Ready>('/health/ready');
  const metric = async (line: string): Promise<number> => {
    const { body } = await service.get<string>('/metrics');
    const found = body.split('\n').find((text) => text.startsWith(`${line} `));
    if (found === undefined) throw new Error(`no ${line}`);
    return Number(found.slice(line.length));
  };
  const entriesOf = async (id: string): Promise<number> => {
    const { readModels } = app.service.stores;
    const collection = (await readModels.loadModel('timeline'))?.live ?? '';
    const [page] = await readModels.getMany(collection, [`${id}/0`]);
    return (page as { readonly entries?: readonly unknown[] } | undefined)?.entries?.length ?? 0;
  };

  test('health is degraded and counts parked events; requests are accepted', async () => {
    const { status, body } = await ready();
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'degraded', checks: { projections: { up: true } } });
    expect(body.checks.projections.states).toMatchObject({
      timeline: { state: 'live', parked: (await parked()).documents[0]?.events },
      work_queue: { state: 'live', parked: 0 },
    });
    expect(JSON.stringify(body)).not.toContain(unfoldable);
    broken = false;
    await service.post(`${address}/retry`, {});
    expect((await ready()).body.status).toBe('up');
  });

  test('metrics report parked events, progress and state of each read model', async () => {
    const [document] = (await parked()).documents;
    expect(document?.events).toBeGreaterThan(1);
    expect(await metric('redress_projection_parked{projection="timeline"}')).toBe(document?.events);
    expect(await metric('redress_projection_parked{projection="work_queue"}')).toBe(0);
    expect(await metric('redress_projection_lag_events{projection="timeline"}')).toBe(0);
    expect(await metric('redress_projection_lag_seconds{projection="timeline"}')).toBe(0);
    expect(await metric('redress_projection_state{projection="timeline",state="live"}')).toBe(1);
    expect(await metric('redress_projection_state{projection="timeline",state="halted"}')).toBe(0);
    await service.post(`${address}/pause`, {});
    const position = await noted(foldable);
    expect(await app.service.stores.projections.waitFor('work_queue', position, 60_000)).toBe(true);
    expect(await metric('redress_projection_state{projection="timeline",state="paused"}')).toBe(1);
    await eventually(async () => (await metric('redress_projection_lag_events{projection="timeline"}')) > 0);
  });

  test('parked events are listed, and retried once they can be folded', async () => {
    const waiting = await parked();
    expect(waiting).toMatchObject({
      documents: [
        { document: `${unfoldable}/0`, stream: `complaint-${unfoldable}`, revision: 0, type: 'ComplaintReceived' },
      ],
      skipped: [],
    });
    expect(JSON.stringify(waiting)).not.toContain(UNFOLDABLE_TEXT);
    expect(await entriesOf(foldable)).toBeGreaterThan(1);
    expect((await service.post<Retried>(`${address}/retry`, {})).body.documents).toMatchObject([{ folded: 0 }]);
    broken = false;
    const other = await service.post<Retried>(`${address}/retry`, { document: `${foldable}/0` });
    expect(other.body).toEqual({ name: 'timeline', documents: [] });
    const { status, body } = await service.post<Retried>(`${address}/retry`, { document: `${unfoldable}/0` });
    expect(status).toBe(200);
    expect(body.documents).toEqual([{ document: `${unfoldable}/0`, folded: waiting.documents[0]?.events, waiting: 0 }]);
    expect(await entriesOf(unfoldable)).toBe(await entriesOf(foldable));
  });

  test('an authorised caller skips it with a reason', async () => {
    const [first] = (await parked()).documents;
    const request = { document: first?.document, position: first?.position, reason: 'only a test' };
    const reply = await service.post<Skipped>(`${address}/skip`, request, { as: 'supervisor' });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        skipped: true,
        skip: { ...request, by: { type: 'person', id: 'supervisor-1' }, type: 'ComplaintReceived' },
      },
    });
    expect(await parked()).toMatchObject({ documents: [], skipped: [request] });
    expect(await entriesOf(unfoldable)).toBe((await entriesOf(foldable)) - 1);
    const again = await service.post<{ code: string }>(`${address}/skip`, request, { as: 'supervisor' });
    expect(again).toMatchObject({ status: 409, body: { code: 'nothing_to_skip' } });
  });

  test.each([
    ['no reason', { document: 'd', position: '1' }, '/reason'],
    ['an invalid position', { document: 'd', position: 'first', reason: 'why' }, '/position'],
    ['an actor in the body', { document: 'd', position: '1', reason: 'why', by: 'me' }, '/by'],
  ])('a skip with %s is rejected', async (_, request, pointer) => {
    const reply = await service.post(`${address}/skip`, request);
    expect(reply).toMatchObject({ status: 400, body: { code: 'validation_failed', errors: [{ pointer }] } });
  });

  test('an unknown projection is not found', async () => {
    for (const reply of [
      await service.get('/v1/projections/unknown/parked'),
      await service.post('/v1/projections/unknown/retry', {}),
      await service.post('/v1/projections/unknown/skip', { document: 'd', position: '1', reason: 'why' }),
    ])
      expect(reply).toMatchObject({ status: 404, body: { code: 'projection_not_found' } });
  });
});
