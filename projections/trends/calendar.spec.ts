import { Temporal } from 'temporal-polyfill';
import { instant } from '../../src/platform/moment.js';
import { day } from '../../test/support/projections/trend-events.js';
import { ZoneCalendar } from './calendar.js';
import { timeBucketOf } from './projection.js';

describe('the calendar of a time zone', () => {
  test.each([
    ['2026-01-05T16:30:00.000Z', 'Asia/Shanghai', '2026-01-06'],
    ['2026-01-05T16:30:00.000Z', 'UTC', '2026-01-05'],
    ['2026-01-05T18:29:59.999Z', 'Asia/Kolkata', '2026-01-05'],
    ['2026-01-05T18:30:00.000Z', 'Asia/Kolkata', '2026-01-06'],
    ['2026-01-05T18:15:00.000Z', 'Asia/Kathmandu', '2026-01-06'],
    // zones whose offsets were not whole quarter hours: UTC-10:40 until 1979, UTC-0:44:30 until 1972
    ['1978-06-01T10:39:59.999Z', 'Pacific/Kiritimati', '1978-05-31'],
    ['1978-06-01T10:40:00.000Z', 'Pacific/Kiritimati', '1978-06-01'],
    ['1971-06-01T00:44:29.999Z', 'Africa/Monrovia', '1971-05-31'],
    ['1971-06-01T00:44:30.000Z', 'Africa/Monrovia', '1971-06-01'],
    // New York changes from UTC-4 to UTC-5 between the next two times
    ['2026-11-01T03:59:00.000Z', 'America/New_York', '2026-10-31'],
    ['2026-11-02T04:59:00.000Z', 'America/New_York', '2026-11-01'],
  ])('%s is in %s on the day %s', (at, zone, expected) => {
    expect(new ZoneCalendar(zone).dayOf(timeBucketOf(instant(at)))).toBe(expected);
  });

  test('since 1980, the offset of every zone is a whole number of quarter hours', () => {
    const offsetOf = (year: number, zone: string) =>
      Temporal.Instant.from(`${String(year)}-07-01T00:00:00Z`).toZonedDateTimeISO(zone).offsetNanoseconds / 900e9;
    const others = Intl.supportedValuesOf('timeZone').flatMap((zone) => {
      const years = [1980, 1981, 1984, 1985, 1988, 1990, 1995, 2000, 2008, 2015, 2020, 2026, 2100, 2200];
      return years.filter((year) => !Number.isInteger(offsetOf(year, zone))).map((year) => `${zone} ${String(year)}`);
    });
    expect(others).toEqual([]);
  });

  test('a day stays unchanged; weeks are those of ISO 8601, months those of the calendar', () => {
    const calendar = new ZoneCalendar('Asia/Shanghai');
    expect(calendar.dayOf(timeBucketOf(day('2026-01-05')))).toBe('2026-01-05');
    expect(calendar.periodOf('2027-01-01', 'week')).toBe('2026-W53');
    expect(calendar.periodOf('2027-01-01', 'month')).toBe('2027-01');
  });
});
