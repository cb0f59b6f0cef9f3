import type { StatusLabel } from '../complaint/status.js';
import type { Stage } from '../complaint/terms/vocabulary.js';
import type { Caller } from './caller.js';
import type { SimulatedClock } from './simulated-clock.js';
import type { Story } from './story.js';
import { timetable, type Cue } from './timetable.js';

/** What became of one story. */
export interface Played {
  readonly story: Story;
  readonly id?: string;
  readonly reference?: string;
  readonly requests: number;
  readonly events: number;
  /** As the service tells it afterwards. */
  readonly stage?: Stage | null;
  readonly status?: StatusLabel;
  /** Why it did not go to its end: the step that was refused. */
  readonly refused?: string;
}

export interface Performance {
  readonly played: readonly Played[];
  /** Of the last command: what waits for it sees everything. */
  readonly position: string | undefined;
}

/** A story that was played to the last step and stands where it says that it ends. */
export const endsAsTold = ({ story, stage, status, refused }: Played): boolean =>
  refused === undefined && stage === story.ends.stage && status === story.ends.status;

/**
 * Plays the stories up to `now` through the API, each step when the clock stands at its time. A step that is refused
 * ends its own story only. `onCue` hears of each request before it is sent.
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
  const asTold = await Promise.all([...played.values()].map((one) => withItsEnd(one, caller, position)));
  return { played: asTold, position };
}

function send(caller: Caller, { command, by, idempotencyKey, body }: Cue, id: string | undefined) {
  if (command === 'lodge') return caller.lodge(by, idempotencyKey, body);
  if (id === undefined) throw new Error('the story does not begin with a lodging');
  return caller.command(id, command, by, idempotencyKey, body);
}

async function withItsEnd(played: Played, caller: Caller, position: string | undefined): Promise<Played> {
  if (played.id === undefined || position === undefined) return played;
  const { stage, status } = await caller.get<{ readonly stage: Stage | null; readonly status: StatusLabel }>(
    `/v1/complaints/${played.id}?minPosition=${encodeURIComponent(position)}`,
  );
  return { ...played, stage, status };
}
