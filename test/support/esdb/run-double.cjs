'use strict';

// Runs the EventStoreDB double in a separate Node process; compiles each TypeScript file when it is loaded:
//   node test/support/esdb/run-double.cjs [--port 2113] [--file log.jsonl] [--grace-ms 5000] [--without-foreign-streams]
// Prints one line of JSON with the port and the connection string. SIGTERM stops it gracefully.
const Module = require('node:module');
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

Module._extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    configFile: false,
    sourceMaps: 'inline',
    module: { type: 'commonjs', importInterop: 'swc' },
    jsc: { target: 'es2023', parser: { syntax: 'typescript' }, transform: { useDefineForClassFields: false } },
  });
  module._compile(code, filename, 'commonjs');
};

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const isSourceOfDouble = request.startsWith('./') && parent?.filename?.startsWith(__dirname);
  return resolveFilename.call(this, isSourceOfDouble ? request.replace(/\.js$/, '.ts') : request, parent, ...rest);
};

require('./double-process.ts');
