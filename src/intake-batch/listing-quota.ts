const HOUR_MS = 3_600_000;

/**
 * Limits how many rejected lines the batches of one sender list, because the log keeps them for ever: many short requests
 * could otherwise make it grow much faster than their own size. The quota is used up by lines and renewed with time.
 */
export class ListingQuota {
  private left: number;
  private renewedAt: number;

  /**
   * @param linesPerHour lines that are available at the beginning, and lines that become available in an hour
   * @param now time in milliseconds; a time earlier than the last one renews nothing
   */
  constructor(
    private readonly linesPerHour: number,
    private readonly now: () => number,
  ) {
    this.left = linesPerHour;
    this.renewedAt = now();
  }

  /** Takes one line from the quota; false if it is used up. */
  take(): boolean {
    const now = this.now();
    const elapsedMs = Math.max(0, now - this.renewedAt);
    this.left = Math.min(this.linesPerHour, this.left + (elapsedMs * this.linesPerHour) / HOUR_MS);
    this.renewedAt = now;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
