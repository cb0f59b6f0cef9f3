import { tableOf } from '../platform/text-table.js';
import { dayIn, instant } from '../platform/moment.js';
import { endsAsExpected, type StoryResult } from './player.js';
import { requestsOf } from './timetable.js';

/** A table with one story per line, in the order in which they begin. */
export function report(results: readonly StoryResult[], now: string): string {
  const rows = results.map(({ story, reference, events, stage, status }) => {
    const startTime = requestsOf(story, now)[0]?.at ?? now;
    const row = [
      dayIn(instant(startTime), story.begins.zone),
      story.industry,
      story.title,
      reference ?? null,
      events,
      stage ?? null,
      status ?? null,
    ];
    return { startTime, row };
  });
  rows.sort((a, b) => (a.startTime < b.startTime ? -1 : 1));
  return tableOf(
    ['start', 'industry', 'complaint', 'reference', 'events', 'stage', 'status'],
    rows.map(({ row }) => row),
  );
}

/** One line for each story whose complaint does not have the expected stage and status, with the reason. */
export const deviations = (results: readonly StoryResult[]): string[] =>
  results
    .filter((result) => !endsAsExpected(result))
    .map(({ story, stage, status, refused }) => {
      const expected = `${story.ends.stage} ${story.ends.status}`;
      const actual = `${stage ?? 'no stage'} ${status ?? ''}`.trim();
      return `${story.id}: expected ${expected}, but it ${refused === undefined ? `has ${actual}` : `stopped at ${refused}`}`;
    });
