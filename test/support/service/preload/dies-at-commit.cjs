'use strict';

// Kills its own process, as -9 does, at one exact commit: REDRESS_TEST_DIES_AT="FILE NUMBER before|after", with the
// end of the name of the database file, and the number of the commit on it counted from 1 in each thread. Statements
// that change something outside of a transaction count as commits. NUMBER 0 kills nobody. A thread that comes to its end
// says how many there were.
const { writeSync } = require('node:fs');
const Database = require('libsql');

const [file, number, side] = (process.env.REDRESS_TEST_DIES_AT ?? '').split(' ');
let commits = 0;
if (number) process.on('exit', () => writeSync(2, `commits: ${commits}\n`));

const die = () => {
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // not one instruction more
};

const counted = (run, commit) => {
  if (!commit || ++commits !== Number(number)) return run();
  if (side === 'before') die();
  const result = run();
  die();
  return result;
};

const { exec, prepare } = Database.prototype;
const writes = /^\s*(COMMIT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER)/i;

/** By connection: is it to the file? The driver does not keep what it opened. */
const concerned = new WeakMap();
const concerns = (database, sql) => {
  if (!writes.test(sql) || (database.inTransaction && !/^\s*COMMIT/i.test(sql))) return false;
  if (!concerned.has(database))
    concerned.set(database, prepare.call(database, 'PRAGMA database_list').get([]).file.endsWith(file));
  return concerned.get(database);
};

Database.prototype.exec = function (sql) {
  return counted(() => exec.call(this, sql), concerns(this, sql));
};
Database.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  if (!writes.test(sql)) return statement;
  const { run } = statement;
  statement.run = (...values) => counted(() => run.apply(statement, values), concerns(this, sql));
  return statement;
};
