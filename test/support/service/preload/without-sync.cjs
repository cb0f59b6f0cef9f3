'use strict';

// Takes durability away: the writing connection of the event store commits without waiting for the disk.
const Database = require('libsql');

const { exec } = Database.prototype;
Database.prototype.exec = function (sql) {
  const result = exec.call(this, sql);
  if (sql.includes('wal_autocheckpoint')) exec.call(this, 'PRAGMA synchronous = OFF'); // the last thing that is set
  return result;
};
