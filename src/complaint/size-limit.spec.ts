import { sizeProblem } from './size-limit.js';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('the size limit of a complaint', () => {
  test.each([
    { stored: 0, added: 900 * KIB, isAccepted: true },
    { stored: 8 * MIB - 17 * KIB, added: 17 * KIB, isAccepted: true },
    { stored: 8 * MIB - 17 * KIB, added: 17 * KIB + 1, isAccepted: false },
    { stored: 8 * MIB, added: 16 * KIB, isAccepted: true },
    { stored: 8 * MIB, added: 16 * KIB + 1, isAccepted: false },
    { stored: 12 * MIB - 16 * KIB, added: 16 * KIB, isAccepted: true },
    { stored: 12 * MIB - 16 * KIB, added: 16 * KIB + 1, isAccepted: false },
    { stored: 12 * MIB - 1 * KIB, added: 1 * KIB, isAccepted: true },
    { stored: 12 * MIB - 1 * KIB, added: 1 * KIB + 1, isAccepted: false },
    { stored: 20 * MIB, added: 1, isAccepted: false },
  ])('a complaint of $stored bytes accepts $added bytes: $isAccepted', ({ stored, added, isAccepted }) => {
    expect(sizeProblem(stored, added) === undefined).toBe(isAccepted);
  });

  test.each([
    { stored: 8_388_000, added: 20_000, limit: 'more than 16384 bytes is 8388608' },
    { stored: 12_582_900, added: 700, limit: 'at most 16384 bytes is 12582912' },
  ])('the message for $added bytes states size, limit and what to do', ({ stored, added, limit }) => {
    const message = sizeProblem(stored, added)?.message ?? '';
    expect(message).toContain(`has ${String(stored)} bytes and this command adds ${String(added)}`);
    expect(message).toContain(limit);
    expect(message).toContain('add-evidence');
  });
});
