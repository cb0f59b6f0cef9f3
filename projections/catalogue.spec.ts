import { readdirSync } from 'node:fs';
import { catalogue } from './catalogue.js';

test('the catalogue has one read model for each folder, named after it', () => {
  const folders = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(catalogue.map(({ name }) => name).sort()).toEqual(folders.map(({ name }) => name.replaceAll('-', '_')).sort());
});
