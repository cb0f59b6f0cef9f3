import { createRequire, Module } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import swc from '@swc/core';

/* Loads TypeScript in this process with the compiler options of the test runner. */

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(import.meta.url);
const [unit] = require('../../jest.config.cjs').projects;
const [, compilerOptions] = unit.transform['^.+\\.ts$'];

/**
 * Makes `require` compile TypeScript.
 * @param {(source: string, path: string) => string} instrument changes a source before it is compiled
 */
export function compileOnLoad(instrument) {
  require('reflect-metadata');
  Module._extensions['.ts'] = (module, path) => {
    const source = instrument(readFileSync(path, 'utf8'), path);
    const { code } = swc.transformSync(source, { ...compilerOptions, filename: path, sourceMaps: false });
    module._compile(code, path);
  };
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, ...rest) {
    if (request === 'canonicalize') return join(ROOT, 'node_modules/canonicalize/lib/canonicalize.js');
    if (request.startsWith('.') && request.endsWith('.js') && parent?.filename?.endsWith('.ts')) {
      const path = resolve(dirname(parent.filename), request.replace(/\.js$/, '.ts'));
      if (existsSync(path)) return path;
    }
    return resolveFilename.call(this, request, parent, ...rest);
  };
}

export const load = (path) => require(path);
