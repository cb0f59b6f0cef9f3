'use strict';

const { randomInt } = require('node:crypto');

// The seed of every random test of this run, in every worker; a failed run prints the command that repeats it.
process.env.REDRESS_TEST_SEED ??= String(randomInt(1_000_000));

// Jest cannot require ES modules on Node 20, so everything becomes CommonJS: our TypeScript, and each package below
// that ships only ES modules. A package missing here fails with "Cannot use import statement outside a module".
const esmOnly = [
  '@nestjs',
  '@borewit',
  '@tokenizer',
  'canonicalize',
  'content-disposition',
  'cookie',
  'fast-content-type-parse',
  'file-type',
  'iterare',
  'p-map',
  'set-cookie-parser',
  'strtok3',
  'temporal-polyfill',
  'temporal-utils',
  'token-types',
  'uid',
  'uint8array-extras',
];

const swc = {
  swcrc: false,
  sourceMaps: 'inline',
  module: { type: 'commonjs', importInterop: 'swc' },
  jsc: {
    target: 'es2023',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
};
const swcForPackages = { ...swc, jsc: { target: 'es2023', keepClassNames: true, parser: { syntax: 'ecmascript' } } };

/**
 * One Jest project. Projects repeat transform and mapping: Jest takes none of them from the top level. A timeout (ms)
 * ends only a test that hangs: no test may come near it on a busy machine.
 */
const project = (displayName, testTimeout, testMatch) => ({
  displayName,
  globals: { projectTimeout: testTimeout },
  setupFilesAfterEnv: ['<rootDir>/test/support/timeout.cjs'],
  testMatch: testMatch.map((pattern) => `<rootDir>/${pattern}`),
  testEnvironment: 'node',
  setupFiles: ['reflect-metadata'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc], '^.+\\.m?js$': ['@swc/jest', swcForPackages] },
  transformIgnorePatterns: [`/node_modules/(?!(?:.+/node_modules/)?(?:${esmOnly.join('|')})/)`],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'],
    // Its exports name only the condition "import".
    '^canonicalize$': '<rootDir>/node_modules/canonicalize/lib/canonicalize.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
});

/** A project with tests that start the MongoDB stand-in. */
const onServers = (...of) => ({ ...project(...of), globalSetup: '<rootDir>/test/support/mongo/build-once.mjs' });

/** @type {import('jest').Config} */
module.exports = {
  // tests that start processes want no more company than that
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/test/support/summary-reporter.cjs'],
  projects: [
    project('unit', 120_000, ['src/**/*.spec.ts', 'projections/**/*.spec.ts', 'test/properties/**/*.spec.ts']),
    onServers('contract', 180_000, ['test/contract/**/*.spec.ts', 'test/support/mongo/**/*.spec.ts']),
    onServers('e2e', 600_000, ['test/e2e/**/*.spec.ts', 'test/golden/**/*.spec.ts']),
    onServers('faults', 600_000, ['test/faults/**/*.spec.ts']),
  ],
};
