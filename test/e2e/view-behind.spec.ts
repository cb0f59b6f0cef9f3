import { complaintFile } from '../../projections/complaint-file/projection.js';
import { ReadModelsUnavailable } from '../../src/readmodels/read-models.js';
import { startApp, type RunningApp } from '../support/app.js';
import { sendLines } from '../support/bulk/bulk-request.js';
import { Client } from '../support/client.js';

describe('while the read model that resolves references and keys is paused', () => {
  let app: RunningApp;
  let service: Client;
  let reference: string;

  const key = 'lodged-while-paused';
  const lodging = {
    channel: 'email',
    narrative: 'The parcel never came.',
    sources: [{ system: 'crm', ref: 'T-1' }], // with a source, the complaint id is not computed from the key
  };

  beforeAll(async () => {
    app = await startApp();
    service = new Client(app);
    await app.service.stores.projections.execute({ kind: 'pause', name: complaintFile.name });
    const lodged = await service.post<{ reference: string }>('/v1/complaints', lodging, { key, as: 'upstream' });
    expect(lodged.status).toBe(201);
    ({ reference } = lodged.body);
  });
  afterAll(() => app.stop());

  const notYetVisible = { status: 503, body: { code: 'not_yet_visible' } };
  const note = { text: 'Asked the carrier.' };

  test('a query for a recorded complaint is answered with not_yet_visible and Retry-After', async () => {
    const reply = await service.get(`/v1/complaints/${reference}`);
    expect(reply).toMatchObject(notYetVisible);
    expect(reply.headers.get('retry-after')).toBe('1');
  });

  test('a command for a recorded complaint is answered with not_yet_visible and Retry-After', async () => {
    const reply = await service.post(`/v1/complaints/${reference}/add-note`, note);
    expect(reply).toMatchObject(notYetVisible);
    expect(reply.headers.get('retry-after')).toBe('1');
  });

  test('a bulk line by key or reference gets not_yet_visible, and is accepted after the model has resumed', async () => {
    const lines = [key, reference].map((complaint) => ({
      command: 'AddNote',
      key: `note-${complaint}`,
      complaint,
      data: note,
    }));
    const send = async () => (await sendLines(app, lines)).results.map(({ status, code }) => code ?? status);
    expect(await send()).toEqual(['not_yet_visible', 'not_yet_visible']);
    await app.service.stores.projections.execute({ kind: 'resume', name: complaintFile.name });
    expect(await send()).toEqual(['accepted', 'accepted']);
  });

  // the test before has resumed the model
  test('while the read models are unavailable, a bulk line gets the same code as a single command', async () => {
    const { readModels } = app.service.stores;
    const unavailable = new ReadModelsUnavailable('db.example', '2026-01-05T09:00:00Z');
    const find = jest.spyOn(readModels, 'find').mockRejectedValue(unavailable);
    const reply = await service.post(`/v1/complaints/${reference}/add-note`, note);
    const { results } = await sendLines(app, [{ command: 'AddNote', key: 'n', complaint: reference, data: note }]);
    find.mockRestore();
    const code = 'read_models_unavailable';
    expect(reply).toMatchObject({ status: 503, body: { code } });
    expect(reply.headers.get('retry-after')).toBe('5');
    expect(results).toMatchObject([{ status: 'rejected', code, errors: [{ message: reply.body.detail }] }]);
  });
});
