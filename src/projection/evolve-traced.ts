import type { Recorded } from '../eventstore/envelope.js';
import type { JsonObject } from '../platform/json.js';
import { isTracing, traced } from '../platform/tracing.js';
import type { Projection } from './projection.js';

/** Calls `evolve`. While tracing is on, adds the call to the trace of the request that caused the event. */
export function evolveTraced(
  projection: Projection,
  content: object | null,
  event: Recorded,
  id: string,
): object | null {
  const document = content as JsonObject | null;
  if (!isTracing()) return projection.evolve(document, event, id);
  const { type, stream, revision, metadata } = event;
  const attributes = { 'redress.event': type, 'redress.stream': stream, 'redress.revision': revision };
  const evolve = (): object | null => projection.evolve(document, event, id);
  return traced(`project ${projection.name}`, attributes, evolve, metadata.$correlationId);
}
