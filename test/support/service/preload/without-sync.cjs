'use strict';

// Removes durability: at a commit, the writing connection of the event store no longer waits for the disk.
const Database = require('libsql');

const { exec } = Database.prototype;
Database.prototype.exec = function (sql) {
  const result = exec.call(this, sql);
  // wal_autocheckpoint is the last setting of that connection, so nothing sets `synchronous` again
  if (sql.includes('wal_autocheckpoint')) exec.call(this, 'PRAGMA synchronous = OFF');
  return result;
};
