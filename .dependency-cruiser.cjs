'use strict';

// The dependency rules of the architecture. The patterns match paths, so that new folders are covered. A `type-only`
// import does not exist at run time; `dependencyTypesNot: ['type-only']` in a rule allows it.

/** The folders with an aggregate. */
const aggregates = '(complaint|intake-batch|house-policy|response-policy|staff|taxonomy|unit)';

/** The files of an aggregate that connect it to the outside; its other files are events, state and deciders. */
const outer = `^src/${aggregates}/(commands/|[^/]*\\b(commands|context|digest|controller|service|recorder|handler|table|allowed|outcomes|view)\\.ts$)`;
const aggregate = `^src/${aggregates}/`;
/** Values and types that do no I/O; pure code may import them. */
const values =
  '^src/(platform/(currencies|json|moment|text|zones)|eventstore/(envelope|stored-moment)|access/actor)\\.ts$';
/** What the rules of all aggregates share: decisions, ids of commands, the codec of events. No I/O. */
const shared = '^src/(command/(decision|command-id|aggregate-table)|eventstore/codec)\\.ts$';
const spec = '\\.spec\\.ts$';

const packages = '(^|/)node_modules/';
const adapters = '^src/(eventstore/(sqlite|eventstoredb)|readmodels/(embedded|mongodb))/';
/** The folder that opens the configured adapters. */
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
      comment: 'bench/peers has its own package.json, whose packages are installed only when its benchmarks run.',
      severity: 'error',
      from: { pathNot: '^bench/peers/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'aggregate-is-pure',
      comment: 'The events, state and deciders of an aggregate import only each other, values and types.',
      severity: 'error',
      from: { path: [aggregate, values], pathNot: [outer, spec] },
      to: {
        pathNot: [aggregate, values, shared, `${packages}(dinero\\.js|temporal-polyfill|uuid)/`],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'aggregate-knows-no-outer-file',
      comment: 'Events, state and deciders do not call the files that connect the aggregate to the outside.',
      severity: 'error',
      from: { path: [aggregate, values], pathNot: [outer, spec] },
      to: { path: [outer], pathNot: '/commands\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'aggregate-knows-no-framework',
      comment: 'Events, state and deciders import no framework, server or store, not even its types.',
      severity: 'error',
      from: { path: [aggregate, values], pathNot: [outer, spec] },
      to: { path: [adapters, `${packages}(@nestjs|@eventstore|@fastify|fastify|libsql|mongodb|mingo|rxjs|pino)/`] },
    },
    {
      name: 'ports-know-no-adapter',
      severity: 'error',
      from: { path: '^src/(eventstore|readmodels)/[^/]+\\.ts$', pathNot: spec },
      to: { path: adapters },
    },
    {
      name: 'stores-know-no-domain',
      comment: 'Ports and adapters work for events and documents of any kind; upcasters may name event types.',
      severity: 'error',
      from: { path: '^src/(eventstore|readmodels)/', pathNot: spec },
      to: { path: [aggregate, '^src/(audit|cli|projection)/', '^projections/'], pathNot: '/events\\.ts$' },
    },
    {
      name: 'adapters-by-configuration-only',
      comment: 'The domain, access, the projection runtime and the projections use ports, not adapters.',
      severity: 'error',
      from: { path: [aggregate, '^src/(access|projection)/', '^projections/'], pathNot: spec },
      to: { path: adapters },
    },
    {
      name: 'projections-know-no-deciders',
      comment:
        'A projection imports event types and the fold of a complaint; src/complaint computes the allowed commands.',
      severity: 'error',
      from: { path: '^projections/', pathNot: spec },
      to: {
        path: aggregate,
        // \\1: the file with the state of an aggregate has the name of its folder (src/complaint/complaint.ts)
        pathNot:
          '^src/([^/]+)/(terms/|(events|complaint-record|corrected-history|counted-points|progress|reference|safety|status|\\1)\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'projections-are-pure',
      comment: 'evolve depends only on the document and the event.',
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
      comment: 'Only src/app and src/projection open a read-model adapter. ESLint checks the calls of writing methods.',
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
      comment: 'Code imports only packages of package.json, not packages that are installed as dependencies of others.',
      severity: 'error',
      // The double of EventStoreDB uses the gRPC packages of the client, in the version that the client installs.
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
