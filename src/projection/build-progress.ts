import type { BuildProgress, Projections } from './projections.js';

const POLL_INTERVAL_MS = 500;

/** Reports the progress of a build of the projection, in any thread or process, until it ends. */
export async function withProgress<T>(
  projections: Pick<Projections, 'status'>,
  name: string,
  build: Promise<T>,
  report: (progress: BuildProgress) => void,
  pollInterval = POLL_INTERVAL_MS,
): Promise<T> {
  const timer = setInterval(() => {
    const building = projections.status().projections.find((projection) => projection.name === name)?.building;
    if (building !== undefined) report(building);
  }, pollInterval);
  try {
    return await build;
  } finally {
    clearInterval(timer);
  }
}
