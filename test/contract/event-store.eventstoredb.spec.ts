import { openEventStoreDb } from '../../src/eventstore/eventstoredb/eventstoredb-event-store.js';
import { startEsdbDouble } from '../support/esdb/esdb-double.js';
import { describeEventStore } from './event-store.contract.js';

describeEventStore('EventStoreDB (the double in this process)', async () => {
  const double = await startEsdbDouble();
  const store = await openEventStoreDb(double.connectionString);
  return {
    store,
    dispose: async () => {
      await store.close();
      await double.close();
    },
  };
});
