import type { Clock } from './platform/clock.js';
import type { ReadinessCheck } from './platform/health.js';
import type { JsonObject } from './platform/json.js';
import { PROJECTIONS_LEASE } from '../projections/runner/watched-projections.js';
import type { Stores } from './stores.js';

/** What must work before requests are welcome: both stores, and the read models as far as this process sees them. */
export function readinessChecks(stores: Stores, clock: Clock): ReadinessCheck[] {
  const { eventStore, readModels, projections, leases } = stores;
  return [
    reachable('event_store', clock, async () => ({ head: await eventStore.head() })),
    reachable('read_models', clock, async () => {
      await readModels.listCollections();
      const holder = await leases?.holder(PROJECTIONS_LEASE);
      return holder === undefined
        ? {}
        : { projectionsHeldBy: holder?.holder ?? null, heldSince: holder?.changedAt ?? null };
    }),
    {
      name: 'projections',
      check: () => {
        const { healthy, projections: all } = projections.status();
        const states = all.map(({ name, state, position, lag, caughtUp, halt, retry }) => [
          name,
          {
            state,
            position,
            lag,
            caughtUp,
            ...(halt !== undefined && { reason: halt.reason }),
            ...(retry !== undefined && { retrying: retry.attempt }),
          },
        ]);
        return Promise.resolve({ up: healthy, states: Object.fromEntries(states) as JsonObject });
      },
    },
  ];
}

/** A store that answers, or since when it does not. */
function reachable(name: string, clock: Clock, ask: () => Promise<JsonObject>): ReadinessCheck {
  let awaySince: string | null = null;
  return {
    name,
    check: async () => {
      try {
        const details = await ask();
        awaySince = null;
        return { up: true, ...details };
      } catch {
        awaySince ??= clock.now();
        return { up: false, since: awaySince };
      }
    },
  };
}
