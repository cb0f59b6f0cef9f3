// The libraries for comparison are installed in this folder only, so the import must be in a file of this folder.
export { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite';
