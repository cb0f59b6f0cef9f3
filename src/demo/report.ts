import { tableOf } from '../platform/text-table.js';
import { dayIn, instant } from '../platform/moment.js';
import { endsAsExpected, type Played } from './player.js';
import { cuesOf } from './timetable.js';

/** A table with one story per line, in the order in which they begin. */
export function report(played: readonly Played[], now: string): string {
  const rows = played.map((one) => {
    const { story, reference, events, stage, status } = one;
    const began = cuesOf(story, now)[0]?.at ?? now;
    const row = [
      dayIn(instant(began), story.begins.zone),
      story.industry,
      story.title,
      reference ?? null,
      events,
      stage ?? null,
      status ?? null,
    ];
    return { began, row };
  });
  rows.sort((one, other) => (one.began < other.began ? -1 : 1));
  return tableOf(
    ['began', 'industry', 'what it is about', 'reference', 'events', 'stage', 'status'],
    rows.map(({ row }) => row),
  );
}

/** One line for each story that did not reach its expected end, with the reason. */
export const deviations = (played: readonly Played[]): string[] =>
  played
    .filter((one) => !endsAsExpected(one))
    .map(({ story, stage, status, refused }) => {
      const { ends } = story;
      const found = `has ${stage ?? 'no stage'} ${status ?? ''}`.trim();
      return `${story.id}: expected ${ends.stage} ${ends.status}, but it ${refused === undefined ? found : `stopped at ${refused}`}`;
    });
