import { writeFileSync } from 'node:fs';
import { catalogue } from '../../../projections/catalogue.js';
import type { Operation } from '../../../src/projection/operations.js';
import { openMongoReadModels, type MongoReadModels } from '../../../src/readmodels/mongodb/mongo-read-models.js';
import type { ModelRecord } from '../../../src/readmodels/read-models.js';
import { eventually } from '../eventually.js';
import { OperatedProcess, type Outcome } from '../servers/operated-process.js';
import { Servers } from '../servers/servers.js';

/** How an operation may fail while the network is cut, or because the model is not in a state for it. */
const FAILURES = [
  'ReadModelsUnavailable',
  'StoreUnavailable',
  'SubscriptionDropped',
  'SessionLost',
  'UnknownCollection', // a build that is read for comparison, and that the next leader dropped
  'WorkerLost',
  'RunsElsewhere',
  'BuildUnderWay',
  'ProjectionHalted',
  'Conflict',
];
const LIMIT_MS = 120_000;

/** Two services of the role `all` on the same servers, each with a network of its own. */
export class Cluster {
  /** What no operation should say. */
  readonly faults: string[] = [];
  private readonly pending = new Set<Promise<unknown>>();

  private constructor(
    readonly servers: Servers,
    readonly services: readonly OperatedProcess[],
    /** The read models, reached past every link. */
    readonly readModels: MongoReadModels,
    private readonly unfoldable: string,
  ) {}

  static async start(): Promise<Cluster> {
    const servers = await Servers.start();
    const unfoldable = servers.inside('unfoldable');
    writeFileSync(unfoldable, '');
    const services = await Promise.all([1, 2].map(() => OperatedProcess.start(servers, { unfoldable })));
    const readModels = await openMongoReadModels(servers.environment.REDRESS_READMODELS ?? '');
    return new Cluster(servers, services, readModels, unfoldable);
  }

  /** Notes that hold this text cannot be folded into the timeline; none with the empty text. */
  breaks(text: string): void {
    writeFileSync(this.unfoldable, text);
  }

  async record(name: string): Promise<ModelRecord> {
    const record = await this.readModels.loadModel(name);
    if (record === null) throw new Error(`there is no record of ${name}`);
    return record;
  }

  /** The one service that leads. */
  leader(): Promise<OperatedProcess> {
    return eventually(async () => {
      const [leader, ...others] = await this.leading();
      if (leader === undefined || others.length > 0) throw new Error('not exactly one service leads');
      return leader;
    }, LIMIT_MS);
  }

  /** Those that believe that they lead. */
  async leading(): Promise<OperatedProcess[]> {
    const answers = await Promise.all(this.services.map((service) => service.leads()));
    return this.services.filter((_, at) => answers[at]);
  }

  other(service: OperatedProcess): OperatedProcess {
    return this.services.find((candidate) => candidate !== service) ?? service;
  }

  /** Sends an operation; an outcome that no cut explains is a fault. */
  async send<O extends Operation>(service: OperatedProcess, operation: O): Promise<Outcome<O>> {
    const sent = service.execute(operation);
    this.pending.add(sent);
    const outcome = await sent.finally(() => this.pending.delete(sent));
    const said = `${operation.kind} of ${operation.name}: ${JSON.stringify(outcome)}`;
    if ('error' in outcome && !FAILURES.includes(outcome.error.name)) this.faults.push(said);
    if ('value' in outcome && differs(outcome.value)) this.faults.push(said);
    return outcome;
  }

  /** Carries an operation out whichever service leads, again until it is known to be done. */
  done<O extends Operation>(operation: O): Promise<Extract<Outcome<O>, { value: unknown }>['value']> {
    return eventually(async () => {
      const outcome = await this.send(await this.leader(), operation);
      if ('error' in outcome) throw new Error(`${operation.kind} of ${operation.name}: ${outcome.error.message}`);
      return { value: outcome.value };
    }, LIMIT_MS).then(({ value }) => value);
  }

  /** Heals everything and waits until one service leads and every model runs, is caught up and holds nothing back. */
  async settle(): Promise<void> {
    for (const service of this.services) service.heal();
    await Promise.all([...this.pending]);
    this.breaks('');
    const { process } = await this.leader();
    for (const { name } of catalogue) if ((await this.record(name)).paused) await this.done({ kind: 'resume', name });
    await process.until(({ checks }) =>
      Object.values(checks.projections.states).every(({ state, caughtUp }) => state === 'live' && caughtUp),
    );
    await this.done({ kind: 'retry', name: 'timeline' });
    await Promise.all(this.services.map((service) => service.process.ready()));
  }

  async stop(): Promise<void> {
    await this.readModels.close();
    await this.servers.stop();
    for (const service of this.services) service.close();
  }
}

/** A report of models that differ though nothing is parked: events were lost or doubled. */
function differs(value: unknown): boolean {
  const { differing, parked } = (value ?? {}) as { readonly differing?: unknown[]; readonly parked?: unknown[] };
  return (differing?.length ?? 0) > 0 && parked?.length === 0;
}
