import type { Stage, StatusCode } from '../complaint/terms/vocabulary.js';
import type { Caller } from './caller.js';
import type { SimulatedClock } from './simulated-clock.js';
import type { Story } from './story.js';
import { timetable, type ScheduledRequest } from './timetable.js';

/** Result of the requests of one story so far. */
export interface StoryResult {
  readonly story: Story;
  readonly id?: string;
  readonly reference?: string;
  /** Number of successful requests, and of the events that they recorded. */
  readonly requests: number;
  readonly events: number;
  /** The stage and the status that the service reports after the last request. */
  readonly stage?: Stage | null;
  readonly status?: StatusCode;
  /** The refused request with its time and the reason; absent if all requests succeeded. */
  readonly refused?: string;
}

/** The results of all stories. */
export interface PlayResult {
  readonly stories: readonly StoryResult[];
  /** Position of the last command. A query with it as `minPosition` includes all commands. */
  readonly position: string | undefined;
}

/** Whether all requests succeeded and the complaint has the expected stage and status. */
export const endsAsExpected = ({ story, stage, status, refused }: StoryResult): boolean =>
  refused === undefined && stage === story.ends.stage && status === story.ends.status;

/**
 * Sends the requests of all stories to the API, in time order; the last is not after `now`. Before each request, sets the
 * clock to its time and calls `onRequest`. After a refused request, leaves out the later requests of its story.
 */
export async function play(
  stories: readonly Story[],
  now: string,
  clock: SimulatedClock,
  caller: Caller,
  onRequest: (request: ScheduledRequest) => void = () => undefined,
): Promise<PlayResult> {
  const results = new Map<string, StoryResult>(); // by story id
  let position: string | undefined;
  for (const request of timetable(stories, now)) {
    const { story, command, at } = request;
    const previous = results.get(story.id) ?? { story, requests: 0, events: 0 };
    if (previous.refused !== undefined) continue;
    clock.set(at);
    onRequest(request);
    try {
      const reply = await send(caller, request, previous.id);
      ({ position } = reply);
      results.set(story.id, {
        ...previous,
        id: reply.id,
        reference: reply.reference,
        requests: previous.requests + 1,
        events: previous.events + reply.events.length,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      results.set(story.id, { ...previous, refused: `${command} at ${at}: ${reason}` });
    }
  }
  const finalResults = [...results.values()].map((result) => withFinalState(result, caller, position));
  return { stories: await Promise.all(finalResults), position };
}

function send(caller: Caller, { command, by, idempotencyKey, body }: ScheduledRequest, id: string | undefined) {
  if (command === 'lodge') return caller.lodge(by, idempotencyKey, body);
  if (id === undefined) throw new Error('the first step of a story must be a lodging');
  return caller.command(id, command, by, idempotencyKey, body);
}

/** Adds the stage and the status after the command at `position`. */
async function withFinalState(result: StoryResult, caller: Caller, position: string | undefined): Promise<StoryResult> {
  if (result.id === undefined || position === undefined) return result;
  const { stage, status } = await caller.get<{ readonly stage: Stage | null; readonly status: StatusCode }>(
    `/v1/complaints/${result.id}?minPosition=${encodeURIComponent(position)}`,
  );
  return { ...result, stage, status };
}
