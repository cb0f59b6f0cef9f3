import { readdirSync } from 'node:fs';
import { catalogue } from './catalogue.js';

test('the catalogue has every folder of read models', () => {
  const folders = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(catalogue.map(({ name }) => name).sort()).toEqual(folders.map(({ name }) => name.replaceAll('-', '_')).sort());
});
