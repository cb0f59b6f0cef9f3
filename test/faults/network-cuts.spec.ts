import { setTimeout as pause } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import { catalogue } from '../../projections/catalogue.js';
import type { Operation } from '../../src/projection/operations.js';
import { eventually } from '../support/eventually.js';
import { Cluster } from '../support/network/cluster.js';
import { CUTS, type Cut } from '../support/network/link.js';
import { movesCheckpoint, PREPARATIONS, type StepName } from '../support/network/steps.js';
import type { OperatedProcess } from '../support/servers/operated-process.js';
import { configurationOf, ledgerDifferencesOn, verify } from '../support/servers/audit.js';
import { Chance } from '../support/service/chance.js';
import { isFullForm, shortOrFull, seed } from '../support/service/extent.js';
import { Ledger, type CommandRequest } from '../support/service/ledger.js';
import { Load } from '../support/service/load.js';
import { send } from '../support/service/sender.js';
import { describeService } from '../support/service/folders.js';

const STEPS = Object.keys(PREPARATIONS) as StepName[];
const MODELS = catalogue.map(({ name }) => name);

/** Maximum number of cuts in one test of random cuts. */
const CUTS_PER_TEST = 10;

/** Number of concurrent senders for each service. */
const SENDERS = 2;

/** Percentage of the recorded requests that are sent again after each test. */
const REPEATED_PERCENT = 5;

describeService('two services whose network is cut and healed', () => {
  const chance = new Chance(seed);
  const ledger = new Ledger();
  let cluster: Cluster;
  let loads: readonly Load[];

  beforeAll(async () => {
    cluster = await Cluster.start();
    loads = cluster.services.map(() => new Load(ledger, chance));
    await sendCommands(30);
    await cluster.settle();
  });
  afterAll(() => cluster.stop());
  afterEach(expectConsistency);

  /** Sends commands to both services until this number is recorded, or until no sender gets an answer. */
  async function sendCommands(number: number): Promise<void> {
    cluster.services.forEach(({ process }, index) => loads[index]?.begin(process, { senders: SENDERS }));
    await loads[0]?.untilRecorded(number); // counts the commands of both loads, which share the ledger
    await Promise.all(loads.map((load) => load.end()));
  }

  /** Sends a note for a random complaint through a random service; the outcome may be unknown. */
  async function sendNote(text: string): Promise<void> {
    const { process } = chance.oneOf(cluster.services);
    const complaints = [...ledger.recorded].filter(([{ path }]) => path === '/v1/complaints').map(([, { id }]) => id);
    const path = `/v1/complaints/${chance.oneOf(complaints)}/add-note`;
    const request: CommandRequest = { key: uuid(), by: 'handler', path, body: { text } };
    ledger.addSent(request);
    ledger.addOutcome(request, await send(process, request));
  }

  /** Sends a note and repeats it until it is recorded. */
  async function recordNote(text: string): Promise<void> {
    const { process } = await cluster.leader();
    await sendNote(text);
    await loads[0]?.repeatUntilKnown(process);
  }

  /**
   * Sends the operation of a step to the leader, and cuts its network when the leader sends the request of that step to
   * the database. Starts again if the operation ended before this request, for example because the leader changed.
   */
  async function cutAtStep(step: StepName, cut: Cut) {
    const failures: unknown[] = [];
    while (failures.length < 10) {
      await cluster.settle();
      const { operation, isCutPoint } = await PREPARATIONS[step](cluster, chance.oneOf(MODELS), recordNote);
      const leader = await cluster.leader();
      const cutBegins = leader.documents.cutAt(isCutPoint, cut);
      const outcome = cluster.send(leader, operation);
      const earlyOutcome = await Promise.race([cutBegins, outcome]);
      if (earlyOutcome === undefined) return { operation, leader, outcome };
      failures.push(earlyOutcome);
    }
    throw new Error(`no attempt reached the ${step}: ${JSON.stringify(failures)}`);
  }

  async function cutDuringStep(step: StepName, cut: Cut): Promise<void> {
    const { outcome } = await cutAtStep(step, cut);
    const sending = sendCommands(chance.between(5, 20));
    await pause(chance.between(0, 1500));
    for (const service of cluster.services) service.heal();
    await Promise.all([outcome, sending]);
  }

  /** Freezes the leader at a step until the other service takes over; then the late requests of the leader arrive. */
  async function takeOverDuringStep(step: StepName): Promise<void> {
    const { operation, leader, outcome } = await cutAtStep(step, 'frozen');
    const successor = cluster.other(leader);
    await eventually(() => successor.leads());
    const before = await cluster.record(operation.name);
    leader.heal();
    const lateOutcome = await outcome;
    await expectCollectionsExist();
    // a late drop may succeed: the leader drops a collection only after the record no longer names it
    if (!step.startsWith('drop')) expect(lateOutcome).toHaveProperty('error.name');
    expect(await cluster.record(operation.name)).toEqual(before);
  }

  /** Cuts off the leader after it has written documents of a batch and before its checkpoint; the other takes over. */
  async function cutInBatch(cut: Cut): Promise<void> {
    await cluster.settle();
    const cutOff: OperatedProcess[] = [];
    for (const service of cluster.services)
      void service.documents.cutAt(movesCheckpoint, cut).then(() => cutOff.push(service));
    const leader = await eventually(async () => {
      await sendCommands(5);
      const [service] = cutOff;
      if (service === undefined) throw new Error('no service moves the checkpoint of the timeline');
      return service;
    });
    const successor = cluster.other(leader);
    successor.heal(); // cancels its own pending cut
    await eventually(() => successor.leads());
    leader.heal();
  }

  /** Cuts a random link of a random service at a random moment, during operations and commands. */
  async function cutAtRandom(): Promise<void> {
    const [leader] = await cluster.leaders();
    const service = leader !== undefined && chance.percent(70) ? leader : chance.oneOf(cluster.services);
    const link = chance.percent(80) ? service.documents : service.events;
    const operations = Array.from({ length: chance.between(1, 4) }, async () => {
      await pause(chance.between(0, 1000));
      await sendRandomOperation();
    });
    const sending = sendCommands(chance.between(5, 20));
    await pause(chance.between(0, 400));
    link.cut(chance.oneOf(CUTS));
    await pause(chance.between(50, 2500));
    link.heal();
    await Promise.all(operations);
    await sending;
  }

  /** Sends a random operation to the leader, and does not wait for its outcome. */
  async function sendRandomOperation(): Promise<void> {
    const [leader = chance.oneOf(cluster.services)] = await cluster.leaders();
    const operation = await randomOperation();
    if (operation !== undefined) void cluster.send(leader, operation);
  }

  /**
   * Chooses a random operation on a random read model. Returns undefined if no operation follows: for `break`, which
   * instead sends a note that the timeline cannot fold, and for `skip` if no event is parked.
   */
  async function randomOperation(): Promise<Operation | undefined> {
    const name = chance.oneOf(MODELS);
    const kind = chance.oneOf([
      'rebuild',
      'rebuild',
      'compare',
      'drop',
      'pause',
      'resume',
      'resume',
      'break',
      'skip',
      'retry',
    ] as const);
    if (kind === 'rebuild') return { kind, name, keep: chance.percent(40) };
    if (kind === 'retry') return { kind, name: 'timeline' };
    if (kind === 'break') {
      const text = uuid();
      cluster.makeUnfoldable(text);
      await sendNote(text);
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

  /** Expects that every model has a record, and that the collections that the records name exist. */
  async function expectCollectionsExist(): Promise<void> {
    const records = await cluster.readModels.listModels();
    const collections = await cluster.readModels.listCollections();
    expect(records.map(({ name }) => name).sort()).toEqual([...MODELS].sort());
    for (const { live, kept } of records) {
      expect(collections).toContain(live);
      if (kept !== null) expect(collections).toContain(kept);
    }
  }

  /**
   * Expects that the log agrees with the ledger and verifies, that a repeated request gets its first reply again, and
   * that every read model equals its rebuild.
   */
  async function expectConsistency(): Promise<void> {
    await expectCollectionsExist(); // must hold at any moment, even before the cluster has settled
    await cluster.settle();
    const { process } = await cluster.leader();
    for (const load of loads) await load.repeatUntilKnown(process);
    await loads[0]?.repeat(process, { percent: REPEATED_PERCENT });
    await cluster.settle();
    await expectCollectionsExist();
    expect(cluster.faults.splice(0)).toEqual([]);
    expect(await ledgerDifferencesOn(cluster.servers, ledger)).toEqual([]);
    expect(await verify(configurationOf(cluster.servers))).toMatchObject({ ok: true });
    const ids = [...new Set([...ledger.recorded.values()].map(({ id }) => id))];
    const { live } = await cluster.record('complaint_file');
    expect((await cluster.readModels.getMany(live ?? '', ids)).map(({ _id }) => _id).sort()).toEqual(ids.sort());
    for (const name of MODELS)
      expect(await cluster.executeUntilDone({ kind: 'compare', name })).toMatchObject({
        outcome: 'equal',
        differing: [],
        parked: [],
      });
  }

  const takeOvers: readonly StepName[] = isFullForm ? STEPS : ['swap', 'drop', 'skip'];
  test.each(takeOvers)(
    'stay consistent when the leader is frozen during a %s, the other takes over, and the first continues',
    takeOverDuringStep,
  );

  test.each(isFullForm ? CUTS : (['frozen'] as const))(
    'fold no event twice when the leader is cut off (%s) between the documents and the checkpoint of a batch',
    cutInBatch,
  );

  const stepsAndCuts = isFullForm
    ? STEPS.flatMap((step) => CUTS.map((cut) => [step, cut] as const))
    : (['swap', 'drop', 'drop of a kept collection', 'pause'] as const).map(
        (step) => [step, chance.oneOf(CUTS)] as const,
      );
  test.each(stepsAndCuts)('stay consistent when the network is cut during a %s (%s)', cutDuringStep);

  // a full run makes 300 cuts in all
  const randomCuts = shortOrFull(4, 300 - takeOvers.length - CUTS.length - stepsAndCuts.length);
  const cutsOfTests = Array.from({ length: Math.ceil(randomCuts / CUTS_PER_TEST) }, (_, index) =>
    Math.min(CUTS_PER_TEST, randomCuts - index * CUTS_PER_TEST),
  );
  test.each(cutsOfTests)('stay consistent after %d cuts at random moments', async (cuts) => {
    for (let cut = 0; cut < cuts; cut++) await cutAtRandom();
  });
});
