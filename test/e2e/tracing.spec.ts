import { InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { startTracing, stopTracing } from '../../src/platform/tracing.js';
import { startApp, type RunningApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';

describe('traces', () => {
  const exporter = new InMemorySpanExporter();
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(async () => {
    await stopTracing();
    await app.stop();
  });

  const lodge = async (key: string): Promise<Response> =>
    fetch(`${app.url}/v1/complaints`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${app.keyOf('handler')}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ channel: 'email', narrative: 'The parcel of Marianne Muster never came.' }),
    });

  const spansOf = (traceId: string): ReadableSpan[] =>
    exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);

  test('are not made unless they are asked for', async () => {
    await lodge('untraced');
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  test('run from the request through decision and append to the projections of the same event', async () => {
    startTracing(new SimpleSpanProcessor(exporter));
    const response = await lodge('traced');
    const { position } = (await response.json()) as { position: string };
    const traceId = response.headers.get('x-correlation-id')?.replaceAll('-', '') ?? '';
    const projected = () => spansOf(traceId).filter(({ name }) => name.startsWith('project '));
    await eventually(() => projected().length >= 4);

    const spans = spansOf(traceId);
    const named = (name: string) => spans.find((span) => span.name === name);
    const request = named('POST /v1/complaints');
    expect(request).toBeDefined();
    const requestId = request?.spanContext().spanId;
    expect(named('decide')?.parentSpanContext?.spanId).toBe(requestId);
    expect(named('append')?.parentSpanContext?.spanId).toBe(requestId);
    expect(
      projected()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['project complaint_file', 'project timeline', 'project trends', 'project work_queue']);
    expect(position).not.toBe('');
  });

  test('say nothing of what was complained about', () => {
    const told = JSON.stringify(exporter.getFinishedSpans().map(({ name, attributes }) => ({ name, attributes })));
    expect(told).not.toContain('Muster');
    expect(told).not.toContain('parcel');
  });
});
