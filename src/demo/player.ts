import type { StatusLabel } from '../complaint/status.js';
import type { Stage } from '../complaint/terms/vocabulary.js';
import type { Caller } from './caller.js';
import type { SimulatedClock } from './simulated-clock.js';
import type { Story } from './story.js';
import { timetable, type Cue } from './timetable.js';

/** The result of one story. */
export interface Played {
  readonly story: Story;
  readonly id?: string;
  readonly reference?: string;
  readonly requests: number;
  readonly events: number;
  /** The stage that the service reports at the end. */
  readonly stage?: Stage | null;
  readonly status?: StatusLabel;
  /** The step that was refused, and why; absent if all steps succeeded. */
  readonly refused?: string;
}

export interface Performance {
  readonly played: readonly Played[];
  /** Position of the last command; a query with this `minPosition` sees everything. */
  readonly position: string | undefined;
}

/** Whether all steps succeeded and the complaint has the expected stage and status. */
export const endsAsExpected = ({ story, stage, status, refused }: Played): boolean =>
  refused === undefined && stage === story.ends.stage && status === story.ends.status;

/**
 * Plays the stories up to `now` through the API and sets the clock to the time of each step. A refused step ends only its
 * own story. `onCue` is called before each request.
 */
export async function play(
  stories: readonly Story[],
  now: string,
  clock: SimulatedClock,
  caller: Caller,
  onCue: (cue: Cue) => void = () => undefined,
): Promise<Performance> {
  const played = new Map<string, Played>();
  let position: string | undefined;
  for (const cue of timetable(stories, now)) {
    const before = played.get(cue.story.id) ?? { story: cue.story, requests: 0, events: 0 };
    if (before.refused !== undefined) continue;
    clock.set(cue.at);
    onCue(cue);
    try {
      const reply = await send(caller, cue, before.id);
      ({ position } = reply);
      played.set(cue.story.id, {
        ...before,
        id: reply.id,
        reference: reply.reference,
        requests: before.requests + 1,
        events: before.events + reply.events.length,
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      played.set(cue.story.id, { ...before, refused: `${cue.command} at ${cue.at}: ${why}` });
    }
  }
  const results = await Promise.all([...played.values()].map((one) => withFinalState(one, caller, position)));
  return { played: results, position };
}

function send(caller: Caller, { command, by, idempotencyKey, body }: Cue, id: string | undefined) {
  if (command === 'lodge') return caller.lodge(by, idempotencyKey, body);
  if (id === undefined) throw new Error('the first step of a story must be a lodging');
  return caller.command(id, command, by, idempotencyKey, body);
}

async function withFinalState(played: Played, caller: Caller, position: string | undefined): Promise<Played> {
  if (played.id === undefined || position === undefined) return played;
  const { stage, status } = await caller.get<{ readonly stage: Stage | null; readonly status: StatusLabel }>(
    `/v1/complaints/${played.id}?minPosition=${encodeURIComponent(position)}`,
  );
  return { ...played, stage, status };
}
