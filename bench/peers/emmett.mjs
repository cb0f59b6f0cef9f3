// emmett-sqlite is installed in this folder only, so a file of this folder must import it.
export { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite';
