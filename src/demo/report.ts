import { tableOf } from '../platform/text-table.js';
import { dayIn, instant } from '../platform/moment.js';
import { endsAsTold, type Played } from './player.js';
import { cuesOf } from './timetable.js';

/** What happened, one story a line, in the order in which they began. */
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

/** One line for each story that went another way, with the reason. */
export const deviations = (played: readonly Played[]): string[] =>
  played
    .filter((one) => !endsAsTold(one))
    .map(({ story, stage, status, refused }) => {
      const { ends } = story;
      const stands = `stands at ${stage ?? 'nothing'} ${status ?? ''}`.trim();
      return `${story.id} should end ${ends.stage} ${ends.status}, ${refused === undefined ? stands : `and stopped at ${refused}`}`;
    });
