import { buildProgress } from './progress.js';

/** What is written while two looks at a build are told. */
function written(isTTY: boolean): string {
  let text = '';
  const output = { isTTY, write: (some: string) => ((text += some), true) } as unknown as NodeJS.WriteStream;
  const progress = buildProgress(output);
  progress.at({ collection: 'trends@1.2', position: null });
  progress.at({ collection: 'trends@1.2', position: '007' });
  progress.end();
  return text;
}

test('a terminal shows where a build is, and nothing after its end', () => {
  const lines = written(true).split('\r\x1b[K');
  expect(lines).toEqual(['', 'trends@1.2: at the start', 'trends@1.2: at 007', '']);
});

test('elsewhere a build says where it is, not with every look', () => {
  expect(written(false)).toBe('trends@1.2: at the start\n');
});
