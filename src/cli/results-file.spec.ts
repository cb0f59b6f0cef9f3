import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ResultsFile } from './results-file.js';

describe('the file for the results of an import', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'redress-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const path = (name: string) => join(folder, name);

  test('has one JSON object per line, replaces an earlier one, and only its owner can read it', () => {
    writeFileSync(path('results'), 'earlier\n');
    const results = ResultsFile.create(path('results'), []);
    results.add({ line: 1, status: 'unchanged' });
    results.add({ read: 1 });
    results.close();
    expect(readFileSync(path('results'), 'utf8')).toBe('{"line":1,"status":"unchanged"}\n{"read":1}\n');
    expect(statSync(path('results')).mode & 0o777).toBe(0o600);
  });

  test('is never a file to import, also not by another name', () => {
    writeFileSync(path('lines'), 'content');
    symlinkSync(path('lines'), path('link'));
    expect(() => ResultsFile.create(path('link'), [path('lines')])).toThrow('is a file to import');
    expect(readFileSync(path('lines'), 'utf8')).toBe('content');
  });

  test('must be writable before the import begins', () => {
    expect(() => ResultsFile.create(path('missing/results'), [])).toThrow('cannot be written');
  });
});
