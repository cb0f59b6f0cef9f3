import type { BuildProgress, Projections } from './projections.js';

const POLL_INTERVAL_MS = 500;

/**
 * Waits for a build of the projection and returns its result. Until then, polls the status and reports the progress of
 * the build, whichever thread or process runs it.
 */
export async function withProgress<T>(
  projections: Pick<Projections, 'status'>,
  name: string,
  build: Promise<T>,
  report: (progress: BuildProgress) => void,
  pollIntervalMs = POLL_INTERVAL_MS,
): Promise<T> {
  const timer = setInterval(() => {
    const progress = projections.status().projections.find((projection) => projection.name === name)?.building;
    if (progress !== undefined) report(progress);
  }, pollIntervalMs);
  try {
    return await build;
  } finally {
    clearInterval(timer);
  }
}
