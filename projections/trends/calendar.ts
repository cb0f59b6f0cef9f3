import { Temporal } from 'temporal-polyfill';

export const PERIODS = ['day', 'week', 'month'] as const;
export type Period = (typeof PERIODS)[number];

/** Tells the day of a slot in one time zone; a slot that is a day is its own. Keeps what it has worked out. */
export class ZoneCalendar {
  /** Milliseconds east of UTC through a whole UTC day; undefined when they change within it. */
  private readonly offsets = new Map<string, number | undefined>();

  /** @throws RangeError for an unknown zone */
  constructor(private readonly zone: string) {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
  }

  dayOf(slot: string): string {
    if (slot.length === 'YYYY-MM-DD'.length) return slot;
    const day = slot.slice(0, 10);
    if (!this.offsets.has(day)) this.offsets.set(day, this.offsetOn(day));
    const at = Date.parse(slot);
    return new Date(at + (this.offsets.get(day) ?? this.offsetAt(at))).toISOString().slice(0, 10);
  }

  /** `2026-11-22`, `2026-W47` (ISO 8601) or `2026-11`. */
  periodOf(slot: string, period: Period): string {
    const day = this.dayOf(slot);
    if (period === 'day') return day;
    if (period === 'month') return day.slice(0, 7);
    const date = Temporal.PlainDate.from(day);
    return `${String(date.yearOfWeek ?? 0).padStart(4, '0')}-W${String(date.weekOfYear ?? 0).padStart(2, '0')}`;
  }

  private offsetOn(day: string): number | undefined {
    const start = Date.parse(day);
    const offset = this.offsetAt(start);
    return offset === this.offsetAt(start + 86_400_000) ? offset : undefined;
  }

  private offsetAt(at: number): number {
    return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(this.zone).offsetNanoseconds / 1e6;
  }
}
