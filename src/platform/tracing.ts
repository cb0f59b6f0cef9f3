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
import { setTimeout as pause } from 'node:timers/promises';

import { ReportedExporter } from './reported-exporter.js';

/*
 * A trace includes the request, the decision, the append and the projection of one event, across threads and processes,
 * because all of them use the correlation id of the event as trace id. Tracing is off by default, and costs almost
 * nothing then. Attributes are names and numbers, never content.
 */

let provider: NodeTracerProvider | undefined;

/** How long one export may take; a collector in reach answers in milliseconds. */
const EXPORT_TIMEOUT_MS = 2000;

/** How long `stopTracing` waits for the collector. */
const STOP_TIMEOUT_MS = 3000;

/**
 * Turns tracing on in this thread. Call it once per thread.
 * @param target URL of an OTLP/HTTP collector, such as `http://host:4318/v1/traces`, or a processor that gets the spans
 * @param onFailure called once when the collector cannot be reached, until it is reached again; the spans are lost
 */
export function startTracing(
  target: string | SpanProcessor,
  onFailure: (error: Error | undefined) => void = () => undefined,
): void {
  const processor = typeof target === 'string' ? sendingTo(target, onFailure) : target;
  const resource = resourceFromAttributes({ 'service.name': 'redress' });
  provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
}

function sendingTo(url: string, onFailure: (error: Error | undefined) => void): SpanProcessor {
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
  return new BatchSpanProcessor(new ReportedExporter(exporter, onFailure), { exportTimeoutMillis: EXPORT_TIMEOUT_MS });
}

/** Whether tracing is on in this thread; lets frequent code avoid the cost of a span. */
export const isTracing = (): boolean => provider !== undefined;

/** Exports pending spans, if the collector accepts them within seconds, and turns tracing off. */
export async function stopTracing(): Promise<void> {
  const stoppedProvider = provider;
  provider = undefined;
  const stopWaiting = new AbortController();
  const timedOut = pause(STOP_TIMEOUT_MS, undefined, { signal: stopWaiting.signal }).catch(() => undefined);
  await Promise.race([stoppedProvider?.shutdown().catch(() => undefined), timedOut]); // the failure is reported already
  stopWaiting.abort();
  trace.disable();
  context.disable();
}

/** A span of an HTTP request, and the context for its child spans. */
export interface RequestSpan {
  readonly span: Span;
  readonly context: Context;
}

/** Starts the span of a request; undefined while tracing is off. */
export function startRequestSpan(correlationId: string, method: string): RequestSpan | undefined {
  if (provider === undefined) return undefined;
  const parent = contextOf(correlationId);
  const span = tracer().startSpan(
    method,
    { kind: SpanKind.SERVER, attributes: { 'redress.correlation_id': correlationId } },
    parent,
  );
  return { span, context: trace.setSpan(parent, span) };
}

/**
 * Runs work in the context of a span. Spans that the work starts, also asynchronously, become children of this span.
 */
export const runInSpan = <T>({ context: spanContext }: RequestSpan, work: () => T): T =>
  context.with(spanContext, work);

export function endRequestSpan({ span }: RequestSpan, route: string, status: number): void {
  span.updateName(`${spanName(span)} ${route}`);
  span.setAttributes({ 'http.route': route, 'http.response.status_code': status });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/**
 * Runs work in a new span, and returns what the work returns. The span is a child of the current span or, with a
 * correlation id, belongs to the trace of that id.
 */
export function traced<T>(name: string, attributes: Attributes, work: () => T, correlationId?: string): T {
  if (provider === undefined) return work();
  const parent = correlationId === undefined ? context.active() : contextOf(correlationId);
  return tracer().startActiveSpan(name, { attributes }, parent, (span) => {
    const endWithError = (error: unknown): never => {
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
      }, endWithError) as T;
    } catch (error) {
      return endWithError(error);
    }
  });
}

const tracer = () => trace.getTracer('redress');

const spanName = (span: Span): string => ('name' in span && typeof span.name === 'string' ? span.name : '');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The context of the trace whose id is the correlation id. For an id that is not a UUID, the trace gets a new id. */
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
