import type { StatusLabel } from '../complaint/status.js';
import type { Stage } from '../complaint/terms/vocabulary.js';
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
  readonly status?: StatusLabel;
  /** The refused request with its time and the reason; absent if all requests succeeded. */
  readonly refused?: string;
}

/** The results of all stories. */
export interface PlayResult {
  readonly played: readonly StoryResult[];
  /** Position of the last command. A query with it as `minPosition` includes all commands. */
  readonly position: string | undefined;
}

/** Whether all requests succeeded and the complaint has the expected stage and status. */
export const endsAsExpected = ({ story, stage, status, refused }: StoryResult): boolean =>
  refused === undefined && stage === story.ends.stage && status === story.ends.status;

/**
 * Sends the requests of all stories to the API, in time order up to `now`, and sets the clock to the time of each request
 * before it. After a refused request the rest of its story is left out. `onCue` is called before each request.
 */
export async function play(
  stories: readonly Story[],
  now: string,
  clock: SimulatedClock,
  caller: Caller,
  onRequest: (cue: ScheduledRequest) => void = () => undefined,
): Promise<PlayResult> {
  const played = new Map<string, StoryResult>();
  let position: string | undefined;
  for (const cue of timetable(stories, now)) {
    const previous = played.get(cue.story.id) ?? { story: cue.story, requests: 0, events: 0 };
    if (previous.refused !== undefined) continue;
    clock.set(cue.at);
    onRequest(cue);
    try {
      const reply = await send(caller, cue, previous.id);
      ({ position } = reply);
      played.set(cue.story.id, {
        ...previous,
        id: reply.id,
        reference: reply.reference,
        requests: previous.requests + 1,
        events: previous.events + reply.events.length,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      played.set(cue.story.id, { ...previous, refused: `${cue.command} at ${cue.at}: ${reason}` });
    }
  }
  const results = await Promise.all([...played.values()].map((result) => withFinalState(result, caller, position)));
  return { played: results, position };
}

function send(caller: Caller, { command, by, idempotencyKey, body }: ScheduledRequest, id: string | undefined) {
  if (command === 'lodge') return caller.lodge(by, idempotencyKey, body);
  if (id === undefined) throw new Error('the first step of a story must be a lodging');
  return caller.command(id, command, by, idempotencyKey, body);
}

/** Adds the stage and the status after the command at `position`. */
async function withFinalState(played: StoryResult, caller: Caller, position: string | undefined): Promise<StoryResult> {
  if (played.id === undefined || position === undefined) return played;
  const { stage, status } = await caller.get<{ readonly stage: Stage | null; readonly status: StatusLabel }>(
    `/v1/complaints/${played.id}?minPosition=${encodeURIComponent(position)}`,
  );
  return { ...played, stage, status };
}
