import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { v4 as uuid } from 'uuid';
import { ownerOf } from '../../src/platform/process-lock.js';
import { freshFolder } from '../support/service/folders.js';
import { send } from '../support/service/sender.js';
import { ServiceProcess, reasonToSkip, type Preload } from '../support/service/service-process.js';
import { describeUnless } from '../support/skip.js';
import { durabilityOf } from './syscall-trace.js';

const root = join(__dirname, '..', '..');
const dist = join(root, 'dist');

/** The reason why these tests are skipped; undefined if system calls can be traced. */
function findSkipReason(): string | undefined {
  if (process.platform !== 'linux') return 'strace needs Linux';
  if (reasonToSkip !== undefined) return reasonToSkip;
  try {
    execFileSync('strace', ['-f', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'strace is not installed (apt-get install strace) or has no permission to trace';
  }
}

const describeTraced = describeUnless(findSkipReason());

describeTraced('an acknowledged append is on disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'redress-strace-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs a program under strace and returns the trace of its writes and syncs. */
  const trace = async (command: string, args: readonly string[]): Promise<string> => {
    const output = join(folder, 'trace');
    const calls = 'trace=write,pwrite64,writev,pwritev,sendto,sendmsg,fsync,fdatasync';
    await promisify(execFile)('strace', ['-f', '-y', '-s', '64', '-e', calls, '-o', output, command, ...args], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return readFileSync(output, 'utf8');
  };
  /** Appends events with the program under strace; returns the durability according to the trace. */
  const appendUnderStrace = async (
    { appends, callers }: { readonly appends: number; readonly callers: number },
    ...flags: string[]
  ) => {
    const program = join(__dirname, 'append-and-acknowledge.mjs');
    const file = join(folder, 'events.db');
    const text = await trace(process.execPath, [program, dist, file, String(appends), String(callers), ...flags]);
    return durabilityOf(text, {
      log: 'events.db-wal',
      acknowledgement: /write\(1<.*"acknowledged /,
      oneAtATime: callers === 1,
    });
  };

  test('with one caller, no acknowledgement precedes the fdatasync of its commit', async () => {
    const durability = await appendUnderStrace({ appends: 50, callers: 1 });
    expect(durability).toMatchObject({ acknowledgements: 50, early: [] });
    expect(durability.syncs).toBeGreaterThanOrEqual(50);
  });

  test('with 16 callers, whose appends share commits, no acknowledgement precedes the fdatasync of its commit', async () => {
    const durability = await appendUnderStrace({ appends: 400, callers: 16 });
    expect(durability).toMatchObject({ acknowledgements: 400, early: [] });
    expect(durability.syncs).toBeGreaterThanOrEqual(400 / 16);
  });

  test('control: with synchronous=OFF, every acknowledgement is reported as early', async () => {
    const durability = await appendUnderStrace({ appends: 50, callers: 1 }, '--without-sync');
    expect(durability.acknowledgements).toBe(50);
    expect(durability.early.length).toBe(50);
  });
});

describeTraced('an answered command is on disk', () => {
  const folder = freshFolder();

  /** Lodges complaints over HTTP with the service under strace; returns the durability according to the trace. */
  const lodgeUnderStrace = async (
    { complaints, senders }: { readonly complaints: number; readonly senders: number },
    preload: readonly Preload[] = [],
  ) => {
    const output = folder.inside('trace');
    const calls = 'trace=write,pwrite64,writev,pwritev,sendto,sendmsg,fsync,fdatasync';
    const under = ['strace', '-f', '-y', '-s', '64', '-e', calls, '-o', output];
    const service = await ServiceProcess.start(folder.inside('data'), { under, preload });
    const { url, keys } = service;
    let remaining = complaints;
    const lodgeUntilDone = async () => {
      while (remaining-- > 0) {
        const body = { channel: 'phone', narrative: 'Dish arrived cold' };
        const answer = await send({ url, keys }, { key: uuid(), by: 'intake_officer', path: '/v1/complaints', body });
        expect(answer).toMatchObject({ kind: 'recorded', status: 201 });
      }
    };
    await Promise.all(Array.from({ length: senders }, lodgeUntilDone));
    // the process of `service` is strace; the service itself is the owner of the store
    const owner = ownerOf(folder.inside('data/events.db'));
    process.kill(owner?.pid ?? 0, 'SIGTERM');
    await service.end;
    return durabilityOf(readFileSync(output, 'utf8'), {
      log: 'events.db-wal',
      acknowledgement: /\b(?:write|writev|sendto|sendmsg)\(\d+<(?:TCP|socket).*HTTP\/1\.1 201/,
      oneAtATime: senders === 1,
    });
  };

  test('with one sender, no reply precedes the fdatasync of its commit', async () => {
    const durability = await lodgeUnderStrace({ complaints: 50, senders: 1 });
    expect(durability).toMatchObject({ acknowledgements: 50, early: [] });
    expect(durability.syncs).toBeGreaterThanOrEqual(50);
  });

  test('with 16 senders, no reply precedes the fdatasync of its commit', async () => {
    expect(await lodgeUnderStrace({ complaints: 200, senders: 16 })).toMatchObject({
      acknowledgements: 200,
      early: [],
    });
  });

  test('control: with synchronous=OFF, every reply is reported as early', async () => {
    const durability = await lodgeUnderStrace({ complaints: 50, senders: 1 }, ['without-sync']);
    expect(durability.acknowledgements).toBe(50);
    expect(durability.early.length).toBe(50);
  });
});

describe('durabilityOf', () => {
  const question = { log: 'events.db-wal', acknowledgement: /sendto\(9<.*HTTP\/1\.1 201/, oneAtATime: true };
  const written = '7 pwrite64(22</d/events.db-wal>, "..."..., 4096, 32) = 4096';
  const synced = '7 fdatasync(22</d/events.db-wal>) = 0';
  const reply = '7 sendto(9<socket:[1]>, "HTTP/1.1 201 Created"..., 20, 0, NULL, 0) = 20';
  const earlyReplies = (...lines: string[]) => durabilityOf(lines.join('\n'), question).early.length;

  test('accepts a reply after the sync of all writes', () => {
    expect(earlyReplies(written, written, synced, reply)).toBe(0);
  });

  test.each([
    ['before the sync', [written, reply, synced]],
    ['without a sync', [written, reply]],
    ['without a write', [synced, reply]],
    ['after a write that follows the last sync', [written, synced, written, reply]],
    ['after the sync of another file', [written, '7 fdatasync(23</d/views.db-wal>) = 0', reply]],
    ['after a sync that failed', [written, '7 fdatasync(22</d/events.db-wal>) = -1 EIO (Input/output error)', reply]],
    ['while the sync is in progress', [written, '7 fdatasync(22</d/events.db-wal> <unfinished ...>', reply]],
  ])('reports a reply %s as early', (_, lines) => {
    expect(earlyReplies(...lines)).toBe(1);
  });

  test('with oneAtATime, reports a second reply without its own write and sync as early', () => {
    expect(earlyReplies(written, synced, reply, reply)).toBe(1);
    const groups = durabilityOf([written, synced, reply, reply].join('\n'), { ...question, oneAtATime: false });
    expect(groups).toEqual({ acknowledgements: 2, syncs: 1, early: [] });
  });

  test('joins a call that strace prints as unfinished and resumed', () => {
    const [unfinished, resumed] = [
      '7 fdatasync(22</d/events.db-wal> <unfinished ...>',
      '7 <... fdatasync resumed>) = 0',
    ];
    expect(earlyReplies(written, unfinished, '8 write(1<pipe>, "x", 1) = 1', resumed, reply)).toBe(0);
  });
});
