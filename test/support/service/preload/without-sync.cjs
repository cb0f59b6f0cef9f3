'use strict';

// Removes durability: the connection with which the event store writes commits without waiting for the disk.
const Database = require('libsql');

const { exec } = Database.prototype;
Database.prototype.exec = function (sql) {
  const result = exec.call(this, sql);
  // wal_autocheckpoint is the last setting of that connection, so nothing sets `synchronous` again
  if (sql.includes('wal_autocheckpoint')) exec.call(this, 'PRAGMA synchronous = OFF');
  return result;
};
