import { sizeRefusal } from './size-limit.js';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('how large a complaint may become', () => {
  test.each([
    { held: 0, added: 900 * KIB, taken: true },
    { held: 8 * MIB - 17 * KIB, added: 17 * KIB, taken: true },
    { held: 8 * MIB - 17 * KIB, added: 17 * KIB + 1, taken: false },
    { held: 8 * MIB, added: 16 * KIB, taken: true },
    { held: 8 * MIB, added: 16 * KIB + 1, taken: false },
    { held: 12 * MIB - 16 * KIB, added: 16 * KIB, taken: true },
    { held: 12 * MIB - 16 * KIB, added: 16 * KIB + 1, taken: false },
    { held: 12 * MIB - 1 * KIB, added: 1 * KIB, taken: true },
    { held: 12 * MIB - 1 * KIB, added: 1 * KIB + 1, taken: false },
    { held: 20 * MIB, added: 1, taken: false },
  ])('at $held bytes, $added more: $taken', ({ held, added, taken }) => {
    expect(sizeRefusal(held, added) === undefined).toBe(taken);
  });

  test.each([
    { held: 8_388_000, added: 20_000, limit: 'more than 16384 bytes is 8388608' },
    { held: 12_582_900, added: 700, limit: 'at most 16384 bytes is 12582912' },
  ])('the refusal says size, limit and what to do', ({ held, added, limit }) => {
    const message = sizeRefusal(held, added)?.message ?? '';
    expect(message).toContain(`holds ${String(held)} bytes and this command adds ${String(added)}`);
    expect(message).toContain(limit);
    expect(message).toContain('add-evidence');
  });
});
