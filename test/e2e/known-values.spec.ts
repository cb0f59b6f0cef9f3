import { startApp, type RunningApp } from '../support/app.js';
import { sendLines } from '../support/bulk/bulk-request.js';
import { Client } from '../support/client.js';

/** Filters that no complaint matches: a value is refused only if no recorded complaint has it. */
describe('the value of a filter', () => {
  let app: RunningApp;
  let service: Client;
  const lodging = { channel: 'phone', narrative: 'The parcel never came.' };
  beforeAll(async () => {
    app = await startApp();
    service = new Client(app);
  });
  afterAll(() => app.stop());

  const lodge = (fields: object) => service.post('/v1/complaints', { ...lodging, ...fields });
  const get = (path: string) =>
    service.get<{ items: unknown[]; rows: unknown[]; batches: unknown[]; total: { complaints: number } }>(path);

  test('that was recorded just before is known without minPosition', async () => {
    for (let index = 0; index < 10; index += 1) {
      const name = `new-${String(index)}`;
      await lodge({ points: [{ subject: { product: name } }], sources: [{ system: name, ref: '1' }] });
      expect((await get(`/v1/trends?groupBy=outcome&product=${name}`)).body.total.complaints).toBe(1);
      // trends may know the value before the queue has the complaint
      expect((await get(`/v1/queue?source=${name}`)).status).toBe(200);
      const line = { command: 'LodgeComplaint', key: name, data: lodging };
      await sendLines(app, [line], { path: `/v1/commands?source=${name}` });
      expect((await get(`/v1/reconciliation?source=${name}`)).body.batches).toHaveLength(1);
    }
  });

  test('that only a second source or an ended complaint has is known to the queue', async () => {
    await lodge({
      sources: [
        { system: 'first-system', ref: '1' },
        { system: 'second-system', ref: '1' },
      ],
    });
    const { status, body } = await get('/v1/queue?source=second-system&stage=Closed');
    expect([status, body.items]).toEqual([200, []]);
    expect((await get('/v1/queue?source=third-system&stage=Closed')).status).toBe(400);
  });

  test.each<[path: string, name: string, existing: string]>([
    ['/v1/complaints?product=MORTGAGE', 'product', '"Mortgage"'],
    ['/v1/complaints?source=nobody', 'source', '"register"'],
    ['/v1/complaints?category=delivry', 'category', '"delivery"'],
    ['/v1/queue?category=delivry', 'category', '"delivery"'],
    ['/v1/trends?groupBy=outcome&category=delivry', 'category', '"delivery"'],
    ...['/v1/complaints', '/v1/queue'].flatMap((path): [string, string, string][] => [
      [`${path}?handler=Anna`, 'handler', '"anna"'],
      [`${path}?orgUnit=cards`, 'orgUnit', '"Cards"'],
    ]),
  ])('that no complaint has is refused with the values that exist: %s', async (path, name, existing) => {
    await lodge({ points: [{ subject: { product: 'Mortgage' } }], sources: [{ system: 'register', ref: '1' }] });
    await lodge({ assignment: { handler: 'anna', orgUnit: 'Cards' } });
    const { status, body } = await service.get<{ errors: { pointer: string; code: string; message: string }[] }>(path);
    expect([status, body.errors.length]).toEqual([400, 1]);
    expect(body.errors).toMatchObject([{ pointer: `/${name}`, code: 'unknown_value' }]);
    expect(body.errors[0]?.message).toContain(existing);
  });

  test.each([
    '/v1/complaints?category=price', // a code of the taxonomy that no complaint has
    '/v1/complaints?category=none&stage=Consolidated',
    '/v1/complaints?product=Mortgage&stage=Consolidated',
    '/v1/complaints?handler=none&orgUnit=none&stage=Consolidated',
    '/v1/complaints?handler=anna&orgUnit=Cards&stage=Consolidated',
    '/v1/queue?handler=anna&orgUnit=Cards&channel=fax',
    '/v1/queue?handler=none&channel=fax',
    '/v1/queue?category=price',
  ])('that may exist has an empty answer: %s', async (path) => {
    await lodge({ points: [{ subject: { product: 'Mortgage' } }] });
    await lodge({ assignment: { handler: 'anna', orgUnit: 'Cards' } });
    const { status, body } = await get(path);
    expect([status, body.items]).toEqual([200, []]);
  });

  test('that no complaint has is refused only if the read model has caught up', async () => {
    const path = '/v1/trends?groupBy=outcome&product=nobody-has-it';
    expect((await get(path)).status).toBe(400);
    await service.post('/v1/projections/trends/pause', {}, { as: 'supervisor' });
    await lodge({});
    const { status, body } = await get(path);
    expect([status, body.rows]).toEqual([200, []]);
    await service.post('/v1/projections/trends/resume', {}, { as: 'supervisor' });
    expect((await get(path)).status).toBe(400);
  });
});
