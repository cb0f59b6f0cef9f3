import { setTimeout as pause } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import { catalogue } from '../../projections/catalogue.js';
import type { Operation } from '../../src/projection/operations.js';
import { eventually } from '../support/eventually.js';
import { Cluster } from '../support/network/cluster.js';
import { CUTS, type Cut } from '../support/network/link.js';
import { movesCheckpoint, PREPARATIONS, type StepName } from '../support/network/steps.js';
import type { OperatedProcess } from '../support/servers/operated-process.js';
import { configurationOf, reckonedOn, verify } from '../support/servers/audit.js';
import { Chance } from '../support/service/chance.js';
import { full, runs, seed } from '../support/service/extent.js';
import { Ledger, type CommandRequest } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { send } from '../support/service/sender.js';
import { notBuilt } from '../support/service/service-process.js';

const block = notBuilt === undefined ? describe : describe.skip;
const why = notBuilt === undefined ? '' : ` (skipped: ${notBuilt})`;

const STEPS = Object.keys(PREPARATIONS) as StepName[];
const MODELS = catalogue.map(({ name }) => name);

block(`two services whose network is cut and healed${why}`, () => {
  const chance = new Chance(seed);
  const ledger = new Ledger();
  let cluster: Cluster;
  let loads: readonly Load[];

  beforeAll(async () => {
    cluster = await Cluster.start();
    loads = cluster.services.map(() => new Load(ledger, chance));
    await burst(30);
    await cluster.settle();
  });
  afterAll(() => cluster.stop());
  afterEach(nothingIsWrong);

  /** Both services take commands: so many more altogether, or fewer while they cannot be recorded. */
  async function burst(commands: number): Promise<void> {
    cluster.services.forEach(({ process }, at) => loads[at]?.begin(process, 2));
    await loads[0]?.records(commands);
    await Promise.all(loads.map((load) => load.end()));
  }

  /** Adds a note to a complaint, through one of the services. */
  async function note(text: string): Promise<void> {
    const { process } = chance.oneOf(cluster.services);
    const lodged = [...ledger.recorded].filter(([{ path }]) => path === '/v1/complaints').map(([, { id }]) => id);
    const path = `/v1/complaints/${chance.oneOf(lodged)}/add-note`;
    const request: CommandRequest = { key: uuid(), by: 'handler', path, body: { text } };
    ledger.sent(request);
    ledger.answered(request, await send(process, request));
  }

  /** The same, until it is recorded. */
  async function noted(text: string): Promise<void> {
    const { process } = await cluster.leader();
    await note(text);
    await loads[0]?.settle(process);
  }

  /** Sends a step to the leader, whose network is cut just then; again where another led by then. */
  async function sendInto(step: StepName, cut: Cut) {
    const failed: unknown[] = [];
    while (failed.length < 10) {
      await cluster.settle();
      const { operation, sent } = await PREPARATIONS[step](cluster, chance.oneOf(MODELS), noted);
      const leader = await cluster.leader();
      const cutOff = leader.documents.cutAt(sent, cut);
      const outcome = cluster.send(leader, operation);
      const early = await Promise.race([cutOff, outcome]);
      if (early === undefined) return { operation, leader, outcome };
      failed.push(early);
    }
    throw new Error(`it never came to the ${step}: ${JSON.stringify(failed)}`);
  }

  async function cutDuring(step: StepName, cut: Cut): Promise<void> {
    const { outcome } = await sendInto(step, cut);
    const working = burst(chance.between(5, 20));
    await pause(chance.between(0, 1500));
    for (const service of cluster.services) service.heal();
    await Promise.all([outcome, working]);
  }

  /** A leader is frozen as it sends a step, another takes over, and then what the first had sent arrives. */
  async function supersededDuring(step: StepName): Promise<void> {
    const { operation, leader, outcome } = await sendInto(step, 'frozen');
    const successor = cluster.other(leader);
    await eventually(() => successor.leads());
    const before = await cluster.record(operation.name);
    leader.heal();
    const late = await outcome;
    await targetsExist();
    // a drop comes after the change of the record, and a late one removes what no record names
    if (!step.startsWith('drop')) expect(late).toHaveProperty('error.name');
    expect(await cluster.record(operation.name)).toEqual(before);
  }

  /** A leader is cut off when it has written documents and not yet the checkpoint; another takes over. */
  async function cutInBatch(cut: Cut): Promise<void> {
    await cluster.settle();
    const found: OperatedProcess[] = [];
    for (const service of cluster.services)
      void service.documents.cutAt(movesCheckpoint, cut).then(() => found.push(service));
    const leader = await eventually(async () => {
      await burst(5);
      const [service] = found;
      if (service === undefined) throw new Error('no service moves the checkpoint of the timeline');
      return service;
    });
    const successor = cluster.other(leader);
    successor.heal(); // it may write
    await eventually(() => successor.leads());
    leader.heal();
  }

  /** Some link of some service is cut at a random moment, while operations and commands come. */
  async function cutAtRandom(): Promise<void> {
    const [leader] = await cluster.leading();
    const service = leader !== undefined && chance.percent(70) ? leader : chance.oneOf(cluster.services);
    const link = chance.percent(80) ? service.documents : service.events;
    const sent = Array.from({ length: chance.between(1, 4) }, async () => {
      await pause(chance.between(0, 1000));
      await operateAtRandom();
    });
    const working = burst(chance.between(5, 20));
    await pause(chance.between(0, 400));
    link.cut(chance.oneOf(CUTS));
    await pause(chance.between(50, 2500));
    link.heal();
    await Promise.all(sent);
    await working;
  }

  /** Sends an operation to the service that leads and does not wait for its outcome. */
  async function operateAtRandom(): Promise<void> {
    const [leader = chance.oneOf(cluster.services)] = await cluster.leading();
    const operation = await drawn();
    if (operation !== undefined) void cluster.send(leader, operation);
  }

  async function drawn(): Promise<Operation | undefined> {
    const name = chance.oneOf(MODELS);
    const kind = chance.oneOf([
      'rebuild',
      'rebuild',
      'compare',
      'drop',
      'pause',
      'resume',
      'resume',
      'mark',
      'skip',
      'retry',
    ] as const);
    if (kind === 'rebuild') return { kind, name, keep: chance.percent(40) };
    if (kind === 'retry') return { kind, name: 'timeline' };
    if (kind === 'mark') {
      const mark = uuid();
      cluster.breaks(mark);
      await note(mark);
      return undefined;
    }
    if (kind !== 'skip') return { kind, name };
    const [first] = (await cluster.record('timeline')).parked;
    if (first === undefined) return undefined;
    const { document, position } = first;
    const by = { type: 'person', id: 'supervisor-1' };
    return {
      kind,
      name: 'timeline',
      request: { document, position, reason: 'random', by, at: '2026-11-10T12:00:00.000Z' },
    };
  }

  async function targetsExist(): Promise<void> {
    const records = await cluster.readModels.listModels();
    const collections = await cluster.readModels.listCollections();
    expect(records.map(({ name }) => name).sort()).toEqual([...MODELS].sort());
    for (const { live, kept } of records) {
      expect(collections).toContain(live);
      if (kept !== null) expect(collections).toContain(kept);
    }
  }

  async function nothingIsWrong(): Promise<void> {
    await targetsExist(); // at any moment
    await cluster.settle();
    const { process } = await cluster.leader();
    for (const load of loads) await load.settle(process);
    await loads[0]?.repeat(process, 5);
    await cluster.settle();
    await targetsExist();
    expect(cluster.faults.splice(0)).toEqual([]);
    expect(await reckonedOn(cluster.servers, ledger)).toEqual([]);
    expect(await verify(configurationOf(cluster.servers))).toMatchObject({ ok: true });
    const ids = [...new Set([...ledger.recorded.values()].map(({ id }) => id))];
    const { live } = await cluster.record('complaint_file');
    expect((await cluster.readModels.getMany(live ?? '', ids)).map(({ _id }) => _id).sort()).toEqual(ids.sort());
    for (const name of MODELS)
      expect(await cluster.done({ kind: 'compare', name })).toMatchObject({
        outcome: 'equal',
        differing: [],
        parked: [],
      });
  }

  const superseded: readonly StepName[] = full ? STEPS : ['swap', 'drop', 'skip'];
  test.each(superseded)(
    'a leader that is frozen as it sends a %s, and superseded, does no harm when it goes on',
    supersededDuring,
  );

  test.each(full ? CUTS : (['frozen'] as const))(
    'a leader that is cut off (%s) between the documents of a batch and its checkpoint, and superseded, doubles nothing',
    cutInBatch,
  );

  const during = full
    ? STEPS.flatMap((step) => CUTS.map((cut) => [step, cut] as const))
    : (['swap', 'drop', 'drop of a kept collection', 'pause'] as const).map(
        (step) => [step, chance.oneOf(CUTS)] as const,
      );
  test.each(during)('a %s during which the network is cut (%s)', cutDuring);

  const random = runs(4, 300 - superseded.length - CUTS.length - during.length);
  const EACH = 10;
  test.each(Array.from({ length: Math.ceil(random / EACH) }, (_, part) => Math.min(EACH, random - part * EACH)))(
    '%d cuts at random',
    async (cuts) => {
      for (let cut = 0; cut < cuts; cut++) await cutAtRandom();
    },
  );
});
