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

  test('are not created if tracing is not configured', async () => {
    await lodge('untraced');
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  test('have spans for the request, the decision, the append and the projections of the same event', async () => {
    startTracing(new SimpleSpanProcessor(exporter));
    const response = await lodge('traced');
    const { position } = (await response.json()) as { position: string };
    const traceId = response.headers.get('x-correlation-id')?.replaceAll('-', '') ?? '';
    const projected = () => spansOf(traceId).filter(({ name }) => name.startsWith('project '));
    await eventually(() => projected().length >= 6);

    const spans = spansOf(traceId);
    const spanNamed = (name: string) => spans.find((span) => span.name === name);
    const request = spanNamed('POST /v1/complaints');
    expect(request).toBeDefined();
    const requestId = request?.spanContext().spanId;
    expect(spanNamed('decide')?.parentSpanContext?.spanId).toBe(requestId);
    expect(spanNamed('append')?.parentSpanContext?.spanId).toBe(requestId);
    expect(
      projected()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(
      ['complaint_file', 'complaints', 'due_times', 'subject_index', 'timeline', 'trends'].map(
        (name) => `project ${name}`,
      ),
    );
    expect(position).not.toBe('');
  });

  test('have no text of the complaint', () => {
    const spans = JSON.stringify(exporter.getFinishedSpans().map(({ name, attributes }) => ({ name, attributes })));
    expect(spans).not.toContain('Muster');
    expect(spans).not.toContain('parcel');
  });
});
