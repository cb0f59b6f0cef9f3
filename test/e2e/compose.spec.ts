import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../../src/platform/configuration.js';
import { configOf, describeCompose } from '../support/compose.js';
import { root } from '../support/doc-snippets.js';
import { isFullForm } from '../support/service/extent.js';
import { testUnless } from '../support/skip.js';

const textOf = (name: string): string => readFileSync(join(root, name), 'utf8');

describeCompose('the compose files', () => {
  test('docker-compose.yml starts both servers first, then a process for commands, one for read models and one for timers', () => {
    const { services, volumes } = configOf('docker-compose.yml');
    expect(Object.keys(services).sort()).toEqual(['api', 'eventstore', 'mongo', 'mongo-init', 'projections', 'timers']);
    for (const role of ['api', 'projections', 'timers']) {
      const { environment = {}, depends_on, read_only, cap_drop, volumes: mounted = [] } = services[role] ?? {};
      expect(loadConfiguration(environment)).toMatchObject({
        role,
        eventStore: { engine: 'eventstoredb' },
        readModels: { engine: 'mongodb' },
      });
      expect(depends_on).toMatchObject({
        eventstore: { condition: 'service_healthy' },
        'mongo-init': { condition: 'service_completed_successfully' },
      });
      expect({ read_only, cap_drop }).toEqual({ read_only: true, cap_drop: ['ALL'] });
      expect(mounted).toContainEqual(expect.objectContaining({ type: 'volume', source: 'data', target: '/data' }));
    }
    for (const server of ['eventstore', 'mongo']) {
      expect(services[server]?.healthcheck).toBeDefined();
      expect(services[server]?.ports).toBeUndefined(); // only the network of the compose file reaches the server
    }
    expect(services.eventstore?.image).toMatch(/^eventstore\/eventstore:23\.10\./);
    expect(services.api?.ports).toMatchObject([{ host_ip: '127.0.0.1', target: 3000 }]);
    expect(Object.keys(volumes).sort()).toEqual(['data', 'events', 'spool', 'views', 'views-config']);
  });

  test('docker-compose.dev.yml starts only the servers, with ports only for this machine', () => {
    const { services } = configOf('docker-compose.dev.yml');
    expect(Object.keys(services).sort()).toEqual(['eventstore', 'mongo', 'mongo-init']);
    expect(services.eventstore?.ports).toMatchObject([{ host_ip: '127.0.0.1', target: 2113 }]);
    expect(services.mongo?.ports).toMatchObject([{ host_ip: '127.0.0.1', target: 27_017 }]);
  });
});

describe('the Dockerfile', () => {
  const instructions = textOf('Dockerfile').replaceAll('\\\n', ' ').split('\n');
  const sources = instructions
    .filter((line) => /^COPY (?!--from)/.test(line))
    .flatMap((line) => line.split(/\s+/).slice(1, -1));

  test('copies only files that exist and that .dockerignore includes', () => {
    expect(sources).not.toEqual([]);
    const included = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const source of sources) {
      expect({ source, exists: existsSync(join(root, source)) }).toEqual({ source, exists: true });
      expect(included).toContain(source);
    }
  });

  test('runs the service as an ordinary user and has a health check', () => {
    expect(instructions.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
    expect(instructions.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  });

  testUnless(isFullForm ? undefined : 'npm ci takes minutes; npm run test:faults runs this test')(
    'has RUN commands that build a program, which prints its help',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'redress-image-'));
      try {
        for (const source of sources) {
          mkdirSync(join(folder, source, '..'), { recursive: true });
          cpSync(join(root, source), join(folder, source), { recursive: true });
        }
        // the part before the FROM of the second stage
        const [buildStage] = textOf('Dockerfile')
          .replaceAll('\\\n', ' ')
          .split(/^FROM .*(?<!AS build)$/m);
        for (const line of buildStage?.split('\n') ?? []) {
          const command = /^RUN (.*)$/.exec(line)?.[1];
          if (command === undefined) continue;
          const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
          expect({ command, status, stderr: status === 0 ? '' : stderr }).toEqual({ command, status: 0, stderr: '' });
        }
        rmSync(join(folder, 'src'), { recursive: true });
        rmSync(join(folder, 'projections'), { recursive: true });
        const help = spawnSync(process.execPath, ['bin/redress.mjs', '--help'], { cwd: folder, encoding: 'utf8' });
        expect(help).toMatchObject({ status: 0, stdout: expect.stringContaining('serve') as string });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    600_000,
  );
});
