'use strict';

// The dependency rule of the architecture, by path, so that it holds for folders as they appear.
// A `type-only` import vanishes when compiled: where a rule lets it through, it says so.

/** One folder an aggregate, all of the same shape. */
const aggregates = '(complaint|intake-batch)';

/** What in an aggregate's folder faces the outside; everything else there is facts, state and decisions. */
const facing = `^src/${aggregates}/(commands/|[^/]*\\b(context|digest|controller|service|recorder|handler|table|allowed|view)\\.ts$)`;
const aggregate = `^src/${aggregates}/`;
/** Values and types without a connection to anything: the alphabet that the pure code is written in. */
const values = '^src/(platform/(json|moment)|eventstore/(envelope|stored-moment)|access/actor)\\.ts$';
const spec = '\\.spec\\.ts$';

const packages = '(^|/)node_modules/';
const adapters = '^src/(eventstore/(sqlite|eventstoredb)|readmodels/(embedded|mongodb))/';
/** Where a port meets the adapter that was configured. */
const composition = '^src/app/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'What benchmarks are compared with has a package.json of its own, installed when they are asked for.',
      severity: 'error',
      from: { pathNot: '^bench/peers/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'aggregate-is-pure',
      comment: "An aggregate's facts, state and decisions import only each other, values and types.",
      severity: 'error',
      from: { path: [aggregate, values], pathNot: [facing, spec] },
      to: {
        pathNot: [aggregate, values, `${packages}(temporal-polyfill|uuid)/`],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'aggregate-is-pure-of-its-face',
      comment: 'Decisions do not call what faces the outside.',
      severity: 'error',
      from: { path: [aggregate, values], pathNot: [facing, spec] },
      to: { path: [facing], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'aggregate-knows-no-engine',
      comment: 'Not even by its types: frameworks, servers and stores are outside of decisions.',
      severity: 'error',
      from: { path: [aggregate, values], pathNot: [facing, spec] },
      to: { path: [adapters, `${packages}(@nestjs|@eventstore|@fastify|fastify|libsql|mongodb|mingo|rxjs|pino)/`] },
    },
    {
      name: 'ports-know-no-adapter',
      severity: 'error',
      from: { path: '^src/(eventstore|readmodels)/[^/]+\\.ts$', pathNot: [composition, spec] },
      to: { path: adapters },
    },
    {
      name: 'stores-know-no-domain',
      comment: 'Ports and adapters carry events and documents of any kind; upcasters may name event types.',
      severity: 'error',
      from: { path: '^src/(eventstore|readmodels)/', pathNot: [composition, spec] },
      to: { path: [aggregate, '^src/(audit|cli|projection)/', '^projections/'], pathNot: '/events\\.ts$' },
    },
    {
      name: 'adapters-by-configuration-only',
      comment: 'The domain and what is around it speak to ports.',
      severity: 'error',
      from: {
        path: [aggregate, '^src/(access|projection)/', '^projections/'],
        pathNot: [composition, spec],
      },
      to: { path: adapters },
    },
    {
      name: 'projections-know-no-deciders',
      comment:
        'A projection reads event types and the fold of a complaint; what is allowed now is asked of src/complaint.',
      severity: 'error',
      from: { path: '^projections/', pathNot: [composition, spec] },
      to: {
        path: aggregate,
        // src/complaint/complaint.ts: the file of an aggregate's state has the name of its folder.
        pathNot: '^src/([^/]+)/(terms/|(events|complaint-record|progress|status|\\1)\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'projections-are-pure',
      comment: 'evolve depends on nothing but the document and the event.',
      severity: 'error',
      from: { path: '^projections/[^/]+/projection\\.ts$' },
      to: {
        pathNot: [
          '^projections/',
          aggregate,
          values,
          '^src/projection/projection\\.ts$',
          `${packages}temporal-polyfill/`,
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'read-models-are-written-by-the-runner',
      comment: 'The calls themselves are watched by ESLint; here: nobody else opens a read-model adapter.',
      severity: 'error',
      from: {
        path: ['^src/', '^projections/'],
        pathNot: ['^src/(projection|readmodels)/', composition, spec],
      },
      to: { path: '^src/readmodels/(embedded|mongodb)/' },
    },
    {
      name: 'product-knows-no-tests',
      severity: 'error',
      from: { path: ['^src/', '^projections/'], pathNot: spec },
      to: { path: ['^test/', '^bench/', spec] },
    },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      from: { path: ['^src/', '^projections/', '^bin/'], pathNot: spec },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'declared-in-package-json',
      comment: 'No package that is here only because another one brought it.',
      severity: 'error',
      // The double of the event store speaks through the client's own gRPC packages, in whatever version it brings.
      from: { path: ['^src/', '^projections/', '^test/', '^bench/'], pathNot: '^test/support/esdb/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    reporterOptions: { text: { highlightFocused: true } },
  },
};
