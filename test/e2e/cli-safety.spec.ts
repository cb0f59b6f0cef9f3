import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { loadKeys, type Keys } from '../../src/access/keys.js';
import { findLiveService, LiveService } from '../../src/cli/live-service.js';
import { main } from '../../src/cli/main.js';
import { RejectsFile } from '../../src/cli/rejects-file.js';
import { writeServerFile } from '../../src/platform/server-file.js';
import { startApp, type RunningApp } from '../support/app.js';
import { listenOnLoopback, portOf } from '../support/network/ports.js';

describe('the command line and the service', () => {
  let app: RunningApp;
  let strangers: Server[];
  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(() => (strangers = []));
  afterEach(() => {
    for (const stranger of strangers) {
      stranger.closeAllConnections();
      stranger.close();
    }
  });
  afterAll(() => app.stop());

  const keys = (): Keys => loadKeys(app.folder);

  /** A program of another user at a local address: it stores what it receives, and answers with `answer`. */
  async function listen(answer: (path: string) => Promise<string>): Promise<{ url: string; received: string[] }> {
    const received: string[] = [];
    const server = createServer((request, response) => {
      received.push(`${request.url ?? ''} ${JSON.stringify(request.headers)}`);
      request.on('data', (chunk: Buffer) => received.push(chunk.toString()));
      void answer(request.url ?? '').then((text) => response.end(text));
    });
    strangers.push(server);
    await listenOnLoopback(server);
    return { url: `http://127.0.0.1:${String(portOf(server))}`, received };
  }

  test('find each other, and exchange a request and a stream', async () => {
    const live = await findLiveService({ data: app.folder, role: 'all' } as never);
    expect(live?.url).toBe(app.url);
    expect(await live?.request('supervisor', '/v1/jobs')).toEqual({ jobs: [] });
    const line = { command: 'LodgeComplaint', key: 'k1', data: { channel: 'email', narrative: 'Never came.' } };
    const lines: object[] = [];
    const body = Readable.from([Buffer.from(JSON.stringify(line))]);
    for await (const result of live?.send<object>('upstream', '/v1/commands', 'application/x-ndjson', body) ?? [])
      lines.push(result);
    expect(lines).toMatchObject([
      { line: 1, status: 'accepted' },
      { read: 1, accepted: 1 },
    ]);
    await expect(live?.request('supervisor', '/v1/jobs/unknown')).rejects.toThrow(/answered job_not_found: /);
  });

  test.each<[string, (path: string) => Promise<string>]>([
    ['answers everything', () => Promise.resolve('{"jobs":[]}')],
    ['invents a proof', () => Promise.resolve(`{"proof":"${'0'.repeat(64)}"}`)],
    // the service at its own address signs that address, and not the one of the stranger
    ['relays the challenge to the service', async (path) => (await fetch(app.url + path)).text()],
  ])('a stranger at the address gets neither a key nor a file if it %s', async (_name, answer) => {
    const stranger = await listen(answer);
    const data = mkdtempSync(join(tmpdir(), 'redress-stranger-'));
    writeFileSync(join(data, 'keys.json'), readFileSync(join(app.folder, 'keys.json')));
    writeServerFile({ data, role: 'all' }, { url: stranger.url, pid: 1, startedAt: '2026-01-01T00:00:00.000Z' });
    expect(await findLiveService({ data, role: 'all' } as never)).toBeUndefined();
    const live = new LiveService(stranger.url, keys());
    const secret = Readable.from([Buffer.from('{"narrative":"secret"}')]);
    const sending = live.send('upstream', '/v1/commands', 'application/x-ndjson', secret).next();
    await expect(sending).rejects.toThrow(/run the same command again/);
    expect(stranger.received.length).toBeGreaterThan(0);
    expect(stranger.received.join('\n')).not.toMatch(/authorization|Bearer|secret/i);
    rmSync(data, { recursive: true });
  });

  test('a service that is late is reported in one line', async () => {
    const silent = await listen((path) => (path.startsWith('/proof') ? proofOf(path) : new Promise(() => undefined)));
    const proofOf = (path: string): Promise<string> =>
      Promise.resolve(JSON.stringify({ proof: keys().proofFor(silent.url, path.slice(-64)) }));
    const live = new LiveService(silent.url, keys());
    const late = live.request('supervisor', '/v1/jobs', { timeoutMs: 200 });
    await expect(late).rejects.toThrow(
      /^the service at http:\S+ has not answered for 0.2 s; run the same command again$/,
    );
  });
});

test('an import is refused before it begins if one of its files is a folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'redress-import-'));
  const file = join(folder, 'day.csv');
  writeFileSync(file, '');
  let notices = '';
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    notices += String(text);
    return true;
  });
  try {
    for (const files of [
      ['cfpb', file, folder],
      ['commands', folder],
    ]) {
      notices = '';
      await main(['node', 'redress', '--data', join(folder, 'data'), 'import', ...files]);
      expect(notices).toBe(`redress: ${folder} is a folder; name a file\n`);
      expect(existsSync(join(folder, 'data'))).toBe(false);
    }
  } finally {
    process.exitCode = 0;
    stderr.mockRestore();
    rmSync(folder, { recursive: true });
  }
});

describe('the file for rejected lines', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'redress-rejects-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const path = (): string => join(folder, 'rejects.csv');
  const reject = { file: 'a.csv', line: 2, column: 'State', value: '=1+1', reason: 'is wrong', code: 'bad_value' };
  const header = 'file,line,column,value,reason,code\n';

  test('has the rejected lines, only for its owner', () => {
    writeFileSync(path(), 'of an earlier import', { mode: 0o644 });
    const rejects = RejectsFile.open(path(), []);
    rejects.begin();
    rejects.add(reject);
    rejects.close();
    expect(readFileSync(path(), 'utf8')).toBe(`${header}a.csv,2,State,'=1+1,is wrong,bad_value\n`);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test('of an earlier import is removed by an import without rejected lines', () => {
    writeFileSync(path(), 'of an earlier import');
    const rejects = RejectsFile.open(path(), []);
    rejects.begin();
    rejects.close();
    expect(existsSync(path())).toBe(false);
  });

  test('of an earlier import is kept if the import did not begin', () => {
    writeFileSync(path(), 'of an earlier import');
    RejectsFile.open(path(), []).close();
    expect(readFileSync(path(), 'utf8')).toBe('of an earlier import');
  });

  test.each(['missing/rejects.csv', '.', 'file/rejects.csv'])('%s is refused before anything is imported', (name) => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => RejectsFile.open(join(folder, name), [])).toThrow(/^the file for rejected lines cannot be written: /);
  });

  test('is never the file to import, even by another name', () => {
    mkdirSync(join(folder, 'day'));
    const source = join(folder, 'day', 'day.csv');
    writeFileSync(source, 'lines');
    symlinkSync(source, path());
    expect(() => RejectsFile.open(path(), [source])).toThrow(/is a file to import/);
    expect(readFileSync(source, 'utf8')).toBe('lines');
  });
});
