import { setImmediate as nextTurn } from 'node:timers/promises';
import { LodgingKeyService, type LodgingKey } from './lodging-key-service.js';

describe('the complaint that a key lodged', () => {
  /** The lodgings of each look-up. */
  let lookUps: (readonly LodgingKey[])[];
  let isUnavailable: boolean;
  let keys: LodgingKeyService;
  beforeEach(() => {
    lookUps = [];
    isUnavailable = false;
    keys = new LodgingKeyService((lodgings) => {
      lookUps.push(lodgings);
      if (isUnavailable) return Promise.reject(new Error('unavailable'));
      return Promise.resolve(new Map([['k-old', 'c-old']]));
    });
  });
  afterEach(() => jest.useRealTimers());
  const otherOf = (commandId: string, complaint = 'c-new') => keys.otherComplaint({ commandId, complaint });

  test('is found in the read model, and unknown for a new key', async () => {
    expect(await otherOf('k-old')).toBe('c-old');
    expect(await otherOf('k-new')).toBeUndefined();
  });

  test('is known without a look-up if this process recorded the lodging', async () => {
    keys.remember({ commandId: 'k', complaint: 'c' });
    expect(await otherOf('k')).toBe('c');
    expect(await otherOf('k', 'c')).toBeUndefined();
    expect(lookUps).toEqual([]);
  });

  test('is looked up once for all lodgings that are asked for together, 500 at a time', async () => {
    const names = Array.from({ length: 1_200 }, (_, index) => `k-${String(index)}`);
    const others = await Promise.all([...names, 'k-old'].map((commandId) => otherOf(commandId)));
    expect(others.filter((other) => other !== undefined)).toEqual(['c-old']);
    expect(lookUps.map(({ length }) => length)).toEqual([500, 500, 201]);
  });

  test('is not known if the look-up gets no answer', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] });
    const silent = new LodgingKeyService(() => new Promise(() => undefined));
    const other = silent.otherComplaint({ commandId: 'k-old', complaint: 'c-new' });
    await nextTurn();
    jest.advanceTimersByTime(2_000);
    expect(await other).toBeUndefined();
  });

  test('is not known while look-ups fail, and lodgings do not wait for further ones', async () => {
    isUnavailable = true;
    expect(await otherOf('k-old')).toBeUndefined();
    expect(await otherOf('k-old')).toBeUndefined();
    expect(lookUps).toHaveLength(1);
  });
});
