import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

/*
 * A trace spans the request, the decision, the append and the projection of the same event, across threads and
 * processes: the trace id is the correlation id of every event. Off by default; then a call costs almost nothing.
 * Attributes hold names and numbers, never content.
 */

let provider: NodeTracerProvider | undefined;

/**
 * Exports spans to an OTLP/HTTP collector (`http://host:4318/v1/traces`), or to the given processor. Call it once per
 * thread.
 */
export function startTracing(to: string | SpanProcessor): void {
  const processor = typeof to === 'string' ? new BatchSpanProcessor(new OTLPTraceExporter({ url: to })) : to;
  const resource = resourceFromAttributes({ 'service.name': 'redress' });
  provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
}

/** For hot paths: whether tracing is on. */
export const isTracing = (): boolean => provider !== undefined;

/** Exports pending spans and turns tracing off. */
export async function stopTracing(): Promise<void> {
  const stopping = provider;
  provider = undefined;
  await stopping?.shutdown();
  trace.disable();
  context.disable();
}

/** A span of an HTTP request, and the context for its child spans. */
export interface RequestSpan {
  readonly span: Span;
  readonly context: Context;
}

/** Undefined while tracing is off. */
export function requestSpan(correlationId: string, method: string): RequestSpan | undefined {
  if (provider === undefined) return undefined;
  const parent = contextOf(correlationId);
  const span = tracer().startSpan(
    method,
    { kind: SpanKind.SERVER, attributes: { 'redress.correlation_id': correlationId } },
    parent,
  );
  return { span, context: trace.setSpan(parent, span) };
}

/** Runs work in the context of a span: spans that it starts, at once or later, are children. */
export const runInSpan = <T>({ context: active }: RequestSpan, work: () => T): T => context.with(active, work);

export function endRequestSpan({ span }: RequestSpan, route: string, status: number): void {
  span.updateName(`${spanName(span)} ${route}`);
  span.setAttributes({ 'http.route': route, 'http.response.status_code': status });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** Runs work in a new span: a child of the current one, or with a correlation id, part of that trace. */
export function traced<T>(name: string, attributes: Attributes, work: () => T, correlationId?: string): T {
  if (provider === undefined) return work();
  const parent = correlationId === undefined ? context.active() : contextOf(correlationId);
  return tracer().startActiveSpan(name, { attributes }, parent, (span) => {
    const failed = (error: unknown): never => {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      span.end();
      throw error;
    };
    try {
      const result = work();
      if (!(result instanceof Promise)) {
        span.end();
        return result;
      }
      return result.then((value: unknown) => {
        span.end();
        return value;
      }, failed) as T;
    } catch (error) {
      return failed(error);
    }
  });
}

const tracer = () => trace.getTracer('redress');

const spanName = (span: Span): string => ('name' in span && typeof span.name === 'string' ? span.name : '');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The trace of a correlation id; an id that is not a UUID gets a new trace. */
function contextOf(correlationId: string): Context {
  if (!UUID.test(correlationId)) return ROOT_CONTEXT;
  const traceId = correlationId.replaceAll('-', '').toLowerCase();
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: traceId.slice(0, 16),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}
