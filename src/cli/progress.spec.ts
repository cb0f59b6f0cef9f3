import { buildProgress } from './progress.js';

/** The output for two progress reports of a build. */
function written(isTTY: boolean): string {
  let text = '';
  const output = { isTTY, write: (some: string) => ((text += some), true) } as unknown as NodeJS.WriteStream;
  const progress = buildProgress(output);
  progress.at({ collection: 'trends@1.2', position: null });
  progress.at({ collection: 'trends@1.2', position: '007' });
  progress.end();
  return text;
}

test('a terminal shows the position of a build, and nothing after its end', () => {
  const lines = written(true).split('\r\x1b[K');
  expect(lines).toEqual(['', 'trends@1.2: at the start', 'trends@1.2: at 007', '']);
});

test('without a terminal not every progress report is printed', () => {
  expect(written(false)).toBe('trends@1.2: at the start\n');
});
