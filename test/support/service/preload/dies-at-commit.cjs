'use strict';

// Kills its own process with SIGKILL at one exact commit: REDRESS_TEST_DIES_AT="FILE NUMBER before|after".
// FILE    the end of the path of the database file
// NUMBER  the number of the commit on this file, counted from 1 in each thread; 0: the process is not killed
// A writing statement outside of a transaction counts as a commit. A thread that ends prints its number of commits to
// standard error, as "commits: NUMBER".
const { writeSync } = require('node:fs');
const Database = require('libsql');

const [file, number, side] = (process.env.REDRESS_TEST_DIES_AT ?? '').split(' ');
let commits = 0;
if (number) process.on('exit', () => writeSync(2, `commits: ${commits}\n`));

const die = () => {
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // blocks, so that this thread runs nothing more
};

/** Runs a statement; counts it and kills the process if it is the chosen commit. */
const runAndCount = (run, isCommit) => {
  if (!isCommit) return run();
  commits += 1;
  if (commits !== Number(number)) return run();
  if (side === 'before') die();
  const result = run();
  die();
  return result;
};

const { exec, prepare } = Database.prototype;
const WRITING = /^\s*(COMMIT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER)/i;

/** For each connection, whether it is one to FILE. The driver does not keep the path, so SQLite is asked for it. */
const connectionsToFile = new WeakMap();

/** Whether the statement, executed now on this connection, commits to FILE. */
const isCommit = (database, sql) => {
  if (!WRITING.test(sql) || (database.inTransaction && !/^\s*COMMIT/i.test(sql))) return false;
  if (!connectionsToFile.has(database))
    connectionsToFile.set(database, prepare.call(database, 'PRAGMA database_list').get([]).file.endsWith(file));
  return connectionsToFile.get(database);
};

Database.prototype.exec = function (sql) {
  return runAndCount(() => exec.call(this, sql), isCommit(this, sql));
};
Database.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  if (!WRITING.test(sql)) return statement;
  const { run } = statement;
  statement.run = (...values) => runAndCount(() => run.apply(statement, values), isCommit(this, sql));
  return statement;
};
