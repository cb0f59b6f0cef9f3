import type { Collection, Db } from 'mongodb';
import type { LeaseRegister, RegisteredLease } from '../compare-and-set-leases.js';
import { isDuplicateKey } from './catalogue.js';
import type { Connection } from './connection.js';

type StoredLease = RegisteredLease & {
  readonly _id: string;
  /** Time of the last change, by the clock of the server; only for information. */
  readonly changedAt?: Date;
};

/** The leases: `redress.leases` has one document for each. A change compares the epoch and the counter first. */
export class MongoLeaseRegister implements LeaseRegister {
  constructor(private readonly connection: Connection) {}

  load(name: string): Promise<(RegisteredLease & { readonly changedAt: string | null }) | null> {
    return this.connection.withTimeLimit(async (database) => {
      const stored = await leasesOf(database).findOne({ _id: name });
      if (stored === null) return null;
      const { holder, epoch, counter, termMs, released, changedAt } = stored;
      return { holder, epoch, counter, termMs, released, changedAt: changedAt?.toISOString() ?? null };
    });
  }

  change(name: string, from: RegisteredLease | null, to: RegisteredLease): Promise<boolean> {
    const { holder, epoch, counter, termMs, released } = to;
    return this.connection.withTimeLimit(async (database) => {
      const leases = leasesOf(database);
      // the first acquisition inserts a free lease; the update below then acquires it, and sets the time of the change
      const freeLease = { _id: name, holder: null, epoch: 0, counter: 0, termMs, released: true };
      if (from === null && !(await insert(leases, freeLease))) return false;
      const condition = { _id: name, epoch: from?.epoch ?? 0, counter: from?.counter ?? 0 };
      const { matchedCount } = await leases.updateOne(condition, {
        $set: { holder, epoch, counter, termMs, released },
        $currentDate: { changedAt: true },
      });
      return matchedCount === 1;
    });
  }
}

const leasesOf = (database: Db): Collection<StoredLease> => database.collection<StoredLease>('redress.leases');

/** False when the lease exists already. */
async function insert(leases: Collection<StoredLease>, lease: StoredLease): Promise<boolean> {
  try {
    await leases.insertOne(lease);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
