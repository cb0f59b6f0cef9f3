import { setTimeout as pause } from 'node:timers/promises';
import type { JsonObject } from '../../src/platform/json.js';
import { CUTS, type Link } from '../support/network/link.js';
import { expectConsistentData } from '../support/servers/audit.js';
import { linkTo, viaLink } from '../support/servers/operated-process.js';
import { RoleProcess } from '../support/servers/role-process.js';
import { Servers } from '../support/servers/servers.js';
import { Chance } from '../support/service/chance.js';
import { shortOrFull, seed } from '../support/service/extent.js';
import { Ledger } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { describeService } from '../support/service/folders.js';

const FAULTS = shortOrFull(50, 300);
/** The name of the fault that only the double supports. */
const LEADER_CHANGE = 'leader change';
/** Ends only a test that hangs. */
const TIMEOUT_MS = shortOrFull(1_200_000, 3_600_000);
const SENDERS = 8;
/** Commands that are recorded before each fault, so that appends and projections are in progress when it happens. */
const COMMANDS_PER_FAULT = 5;
/** Errors with which a projection thread may end while the server cannot be reached; the service starts it again. */
const EXPECTED_ERRORS: unknown[] = ['ServerUnusable', 'StoreUnavailable', 'ReadModelsUnavailable', 'SessionLost'];

/** True for a log line about a defect of the service itself. */
const isDefect = ({ msg, err }: JsonObject): boolean =>
  typeof msg === 'string' &&
  (/operator action|parked|request failed/.test(msg) ||
    (msg === 'the worker thread that runs the projections ended' &&
      !EXPECTED_ERRORS.includes((err as JsonObject).name)));

describeService(`two services on EventStoreDB, after ${String(FAULTS)} faults of the server and the network`, () => {
  /** Used only to draw the faults, so that they do not depend on the speed of the answers. */
  const chance = new Chance(seed);
  const ledger = new Ledger();
  const load = new Load(ledger, new Chance(seed + 1));
  let servers: Servers;
  /** Two addresses of the one server. Clients see them as two nodes of a cluster, of which one is the leader. */
  let nodes: readonly [Link, Link];
  let leader: 0 | 1 = 0;
  let services: readonly RoleProcess[];

  beforeAll(async () => {
    servers = await Servers.start();
    const { url } = servers.eventStore;
    nodes = await Promise.all([linkTo(url), linkTo(url)]);
    const [first, second] = nodes.map((node) => viaLink(node, url)) as [string, string];
    const seeds = second.replace(/^esdb:/, 'esdb+discover:').replace('?', `,127.0.0.1:${String(nodes[0].port)}?`);
    const urls = [first, `${seeds}&gossipTimeout=1`];
    services = await Promise.all(
      urls.map((REDRESS_EVENTSTORE) => RoleProcess.start(servers, 'all', { REDRESS_EVENTSTORE })),
    );
  });
  afterAll(async () => {
    await servers.stop();
    for (const node of nodes) node.close();
  });

  test(
    'have recorded every acknowledged command once, still run, and have read models that equal a rebuild',
    async () => {
      const { isDouble } = servers.eventStore;
      const possible = Object.entries(faults).filter(([name]) => isDouble || name !== LEADER_CHANGE);
      load.beginWithRetries(services, { senders: SENDERS });
      for (let count = 1; count <= FAULTS; count++) {
        const [name, causeFault] = chance.oneOf(possible);
        try {
          await load.untilRecorded(COMMANDS_PER_FAULT);
          await causeFault();
        } catch (error) {
          throw new Error(`fault ${String(count)}, ${name}`, { cause: error });
        }
      }
      await load.end();
      for (const service of services) {
        await load.repeatUntilKnown(service);
        await load.repeat(service, { percent: 20 });
        await service.ready();
      }
      for (const service of services) {
        const { code, signal } = await service.stop();
        const defects = service.log.filter(isDefect);
        expect({ code, signal, defects }).toEqual({ code: 0, signal: null, defects: [] });
      }
      await expectConsistentData(servers, ledger);
      expect(ledger.recorded.size).toBeGreaterThanOrEqual(FAULTS * COMMANDS_PER_FAULT);
    },
    TIMEOUT_MS,
  );

  const faults: Readonly<Record<string, () => Promise<void>>> = {
    kill: async () => {
      await servers.eventStore.kill();
      await pause(chance.between(0, 200));
      await restart();
    },
    'graceful stop': async () => {
      await servers.eventStore.stop();
      await restart();
    },
    freeze: async () => {
      await servers.eventStore.freeze();
      await pause(drawOutageMs());
      await servers.eventStore.thaw();
    },
    'network cut': async () => {
      const cut = chance.oneOf(CUTS);
      const links = chance.percent(50) ? nodes : [chance.oneOf(nodes)];
      for (const link of links) link.cut(cut);
      await pause(drawOutageMs());
      for (const link of links) link.heal();
    },
    [LEADER_CHANGE]: async () => {
      leader = leader === 0 ? 1 : 0;
      await appointLeader();
    },
  };

  /** Duration of a freeze or cut in ms: mostly shorter than the timeout of an append, in one of ten cases longer. */
  const drawOutageMs = (): number => (chance.percent(10) ? chance.between(3_200, 3_600) : chance.between(20, 600));

  async function restart(): Promise<void> {
    await servers.eventStore.restart();
    await appointLeader();
  }

  async function appointLeader(): Promise<void> {
    if (servers.eventStore.isDouble)
      await servers.eventStore.faults.moveLeader({ host: '127.0.0.1', port: nodes[leader].port });
  }
});
