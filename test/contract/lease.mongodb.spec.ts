import { Connection } from '../../src/readmodels/mongodb/connection.js';
import { MongoLeaseRegister } from '../../src/readmodels/mongodb/lease-register.js';
import { CompareAndSetLeases } from '../../src/readmodels/compare-and-set-leases.js';
import { Databases } from '../support/mongo/databases.js';
import { describeLeases } from './lease.contract.js';

const databases = new Databases();
beforeAll(() => databases.start());
afterAll(() => databases.stop());

describeLeases('mongodb', () => {
  const database = databases.next();
  const connections: Connection[] = [];
  return Promise.resolve({
    newClient: async (monotonic) => {
      const connection = await Connection.open(databases.url, { database });
      connections.push(connection);
      return new CompareAndSetLeases(new MongoLeaseRegister(connection), monotonic);
    },
    close: async () => {
      for (const connection of connections) await connection.close();
    },
  });
});
