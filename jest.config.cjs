'use strict';

const { randomInt } = require('node:crypto');

// The seed of all random tests of this run, in all workers. A failed run prints the command that repeats it with this seed.
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
  'dinero.js',
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
 * One Jest project. Each project repeats transform and mapping, because Jest does not inherit them from the top level.
 * `testTimeout` (ms) only ends tests that hang: every test must stay far below it, even on a busy machine.
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
    // The package exports only the condition "import", which CommonJS cannot use.
    '^canonicalize$': '<rootDir>/node_modules/canonicalize/lib/canonicalize.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
});

/** The full form of the fault tests repeats each fault many times. */
const isFullForm = process.env.REDRESS_TEST_FAULTS === 'full';

/** A project with tests that start the MongoDB stand-in. */
const projectWithMongo = (...parameters) => ({
  ...project(...parameters),
  globalSetup: '<rootDir>/test/support/mongo/build-once.mjs',
});

/** @type {import('jest').Config} */
module.exports = {
  // with more workers, tests that start processes would slow each other down too much
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/test/support/summary-reporter.cjs'],
  projects: [
    project('unit', 120_000, [
      'src/**/*.spec.ts',
      'projections/**/*.spec.ts',
      'test/properties/**/*.spec.ts',
      'test/stories/**/*.spec.ts',
    ]),
    projectWithMongo('contract', 180_000, ['test/contract/**/*.spec.ts', 'test/support/mongo/**/*.spec.ts']),
    projectWithMongo('e2e', 600_000, ['test/e2e/**/*.spec.ts', 'test/golden/**/*.spec.ts']),
    projectWithMongo('faults', isFullForm ? 3_600_000 : 600_000, ['test/faults/**/*.spec.ts']),
  ],
};
