// Resolved from this folder, where the peers are installed.
export { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite';
