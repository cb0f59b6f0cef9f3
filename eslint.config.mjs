import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const restrictedSyntax = [
  { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that defines it.' },
  { selector: 'ExportNamedDeclaration[source]', message: 'No re-exports: import from the file that defines it.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of strings: events and JSON have strings.' },
];

/** A property-based test must use the seed of the test run, which a failed run prints. */
const unseeded = {
  selector:
    'CallExpression[callee.object.name="fc"][callee.property.name="assert"]:not([arguments.1.callee.name="examples"])',
  message: 'Pass examples() of test/support/examples.ts: it gives the seed and the number of examples.',
};

const NO_CLOCK = 'Pure code receives the current time as an argument.';

/** Forbidden in deciders and projections, because the result would depend on when and where they run. */
const impure = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: NO_CLOCK },
  { selector: 'MemberExpression[object.name="Date"][property.name="now"]', message: NO_CLOCK },
  { selector: 'MemberExpression[object.name="Temporal"][property.name="Now"]', message: NO_CLOCK },
  { selector: 'MemberExpression[object.name="Math"][property.name="random"]', message: 'Pure code is not random.' },
  {
    selector: 'MemberExpression[object.name="process"]',
    message: 'Pure code receives its configuration as an argument.',
  },
  {
    selector: 'Identifier[name=/^(crypto|performance|fetch|setTimeout|setInterval)$/]',
    message: 'Pure code does no I/O.',
  },
  { selector: ':function[async=true]', message: 'Pure code is synchronous.' },
];

/** Only the projection runner writes to read models. */
const readModelWrites = [
  {
    selector:
      'CallExpression[callee.property.name=/^(createCollection|buildIndexes|dropCollection)$/], ' +
      'CallExpression[callee.property.name="write"][callee.object.name=/[rR]eadModels$/], ' +
      'CallExpression[callee.property.name="write"][callee.object.property.name=/[rR]eadModels$/]',
    message: 'Only src/projection writes read models.',
  },
];

const aggregates = 'src/{complaint,intake-batch}';

export default defineConfig(
  { ignores: ['dist/', 'data/', 'coverage/', 'node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'off', // a command class that is imported with `import type` is not validated
      '@typescript-eslint/consistent-type-definitions': 'off', // events are type unions, ports are interfaces
      '@typescript-eslint/consistent-indexed-object-style': 'off', // JSON types refer to themselves
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // Nest's options and our commands are classes used as shapes
      '@typescript-eslint/require-await': 'off', // with `async`, a method over a synchronous store rejects instead of throwing
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', ...restrictedSyntax, ...readModelWrites],
    },
  },
  {
    files: ['src/projection/**/*.ts', 'src/readmodels/**/*.ts', 'test/**/*.ts', '**/*.spec.ts', 'bench/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...restrictedSyntax, unseeded] },
  },
  {
    files: [`${aggregates}/**/*.ts`, 'projections/*/projection.ts'],
    ignores: [
      `${aggregates}/commands/**`,
      '**/*{.,-}{controller,service,recorder,handler}.ts',
      '**/table.ts',
      '**/*.spec.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', ...restrictedSyntax, ...readModelWrites, ...impure] },
  },
  {
    files: ['test/**/*.ts', '**/*.spec.ts'],
    rules: {
      // Jest's expect is typed with any, and `expect(object.method)` does not call it.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.{mjs,cjs,js}'],
    extends: [tseslint.configs.recommended],
    languageOptions: { globals: globals.node },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  { files: ['test/**/*.cjs'], languageOptions: { globals: globals.jest } },
);
