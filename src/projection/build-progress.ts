import type { Projections, ProjectionStatus } from './projections.js';

export type BuildProgress = NonNullable<ProjectionStatus['building']>;

const LOOK_EVERY_MS = 500;

/** Tells how far a build of the projection is, wherever it runs, until it ends. */
export async function tellingProgress<T>(
  projections: Pick<Projections, 'status'>,
  name: string,
  build: Promise<T>,
  tell: (progress: BuildProgress) => void,
  lookEvery = LOOK_EVERY_MS,
): Promise<T> {
  const look = setInterval(() => {
    const building = projections.status().projections.find((projection) => projection.name === name)?.building;
    if (building !== undefined) tell(building);
  }, lookEvery);
  try {
    return await build;
  } finally {
    clearInterval(look);
  }
}
