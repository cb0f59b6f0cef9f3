import { PassThrough } from 'node:stream';
import { withMinimumRate } from './minimum-rate.js';

/** One byte in 10 ms. */
const RATE = { bytes: 100, waitMs: 1000 };

describe('a body with a minimum rate', () => {
  let body: PassThrough;
  /** Sizes of the chunks that were read, and the code of the error or 'end'. */
  let read: (number | string)[];
  /** Time that the reader takes for each chunk. */
  let busyMs: number;
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    body = new PassThrough();
    read = [];
    busyMs = 0;
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
  const send = (bytes: number): boolean => body.write(Buffer.alloc(bytes));
  async function startReading(): Promise<void> {
    void (async () => {
      try {
        for await (const { length } of withMinimumRate(body, RATE)) {
          read.push(length);
          if (busyMs > 0) await new Promise((resolve) => setTimeout(resolve, busyMs));
        }
        read.push('end');
      } catch (error) {
        read.push((error as { readonly code: string }).code);
      }
    })();
    await pass(0);
  }

  test('may pause for the whole time, and is read to its end', async () => {
    await startReading();
    await pass(990);
    send(100);
    await pass(990);
    body.end(Buffer.alloc(7));
    await pass(0);
    expect(read).toEqual([100, 7, 'end']);
  });

  test('is refused when nothing arrives', async () => {
    await startReading();
    await pass(990);
    expect(read).toEqual([]);
    await pass(20);
    expect(read).toEqual(['request_timeout']);
    expect(body.destroyed).toBe(false);
  });

  test('is refused when it arrives byte by byte, although each byte is soon followed by another', async () => {
    await startReading();
    for (let sent = 0; sent < 15; sent++) {
      send(1); // gives 10 ms back
      await pass(95);
    }
    // 1000 ms are over after the twelfth byte: it leaves 1000 - 11 * 85 = 65 ms
    expect(read).toEqual([...Array.from({ length: 12 }, () => 1), 'request_timeout']);
  });

  test('may be longer than the time if it arrives at the rate', async () => {
    await startReading();
    for (let sent = 0; sent < 50; sent++) {
      send(10); // gives 100 ms back
      await pass(95);
    }
    body.end();
    await pass(0);
    expect(read).toEqual([...Array.from({ length: 50 }, () => 10), 'end']);
  });

  test('may wait for its reader as long as the reader likes', async () => {
    busyMs = 5000;
    await startReading();
    send(1);
    await pass(0);
    for (let sent = 0; sent < 5; sent++) {
      send(1); // arrives before the reader waits for it
      await pass(5000);
    }
    body.end();
    await pass(5000);
    expect(read).toEqual([1, 1, 1, 1, 1, 1, 'end']);
  });
});
