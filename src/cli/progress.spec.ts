import { displayBuildProgress } from './progress.js';

/** What is written for two progress reports of a build, directly one after the other, and its end. */
function outputOfBuild(isTTY: boolean): string {
  let text = '';
  const stream = { isTTY, write: (part: string) => ((text += part), true) } as unknown as NodeJS.WriteStream;
  const display = displayBuildProgress(stream);
  display.update({ collection: 'trends@1.2', position: null });
  display.update({ collection: 'trends@1.2', position: '007' });
  display.end();
  return text;
}

test('a terminal shows each position of a build in the same line, and clears the line at its end', () => {
  const lines = outputOfBuild(true).split('\r\x1b[K');
  expect(lines).toEqual(['', 'trends@1.2: at the start', 'trends@1.2: at 007', '']);
});

test('without a terminal, a second report within ten seconds is not printed', () => {
  expect(outputOfBuild(false)).toBe('trends@1.2: at the start\n');
});
