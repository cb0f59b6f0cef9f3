import { writeFileSync } from 'node:fs';
import { catalogue } from '../../../projections/catalogue.js';
import type { Operation } from '../../../src/projection/operations.js';
import { openMongoReadModels, type MongoReadModels } from '../../../src/readmodels/mongodb/mongo-read-models.js';
import type { ModelRecord } from '../../../src/readmodels/read-models.js';
import { eventually } from '../eventually.js';
import { OperatedProcess, type Outcome } from '../servers/operated-process.js';
import { Servers } from '../servers/servers.js';

/**
 * Names of the errors with which an operation may fail while the network is cut, or because the state of the model does
 * not allow it.
 */
const FAILURES = [
  'ReadModelsUnavailable',
  'StoreUnavailable',
  'SubscriptionDropped',
  'SessionLost',
  'UnknownCollection', // the next leader dropped the build that the operation was comparing
  'WorkerLost',
  'RunsElsewhere',
  'OperationInProgress',
  'ProjectionHalted',
  'Conflict',
];
const LIMIT_MS = 120_000;

/**
 * Two services with the role `all` on the same servers. Each reaches the servers through its own links, which the tests
 * can cut.
 */
export class Cluster {
  /** Descriptions of operations with an unexpected outcome. */
  readonly faults: string[] = [];
  private readonly pending = new Set<Promise<unknown>>();

  private constructor(
    readonly servers: Servers,
    readonly services: readonly OperatedProcess[],
    /** The read models, opened by the test directly, not through a link. */
    readonly readModels: MongoReadModels,
    private readonly unfoldableFile: string,
  ) {}

  static async start(): Promise<Cluster> {
    const servers = await Servers.start();
    const unfoldableFile = servers.inside('unfoldable');
    writeFileSync(unfoldableFile, '');
    const services = await Promise.all(
      [1, 2].map(() => OperatedProcess.start(servers, { unfoldable: unfoldableFile })),
    );
    const readModels = await openMongoReadModels(servers.environment.REDRESS_READMODELS ?? '');
    return new Cluster(servers, services, readModels, unfoldableFile);
  }

  /** From now on notes that contain this text cannot be folded into the timeline. With '' every note can be folded. */
  makeUnfoldable(text: string): void {
    writeFileSync(this.unfoldableFile, text);
  }

  /** The stored record of a model. @throws Error if there is none */
  async record(name: string): Promise<ModelRecord> {
    const record = await this.readModels.loadModel(name);
    if (record === null) throw new Error(`there is no record of ${name}`);
    return record;
  }

  /** Waits until exactly one service leads; returns that service. */
  leader(): Promise<OperatedProcess> {
    return eventually(async () => {
      const [leader, ...others] = await this.leaders();
      if (leader === undefined || others.length > 0) throw new Error('not exactly one service leads');
      return leader;
    }, LIMIT_MS);
  }

  /** The services that report that they lead: two for a short time, if one has lost its lease and does not know yet. */
  async leaders(): Promise<OperatedProcess[]> {
    const leads = await Promise.all(this.services.map((service) => service.leads()));
    return this.services.filter((_, index) => leads[index]);
  }

  /** The service that is not the given one. */
  other(service: OperatedProcess): OperatedProcess {
    return this.services.find((candidate) => candidate !== service) ?? service;
  }

  /** Sends an operation to a service. An outcome that a cut cannot explain is added to `faults`. */
  async send<O extends Operation>(service: OperatedProcess, operation: O): Promise<Outcome<O>> {
    const execution = service.execute(operation);
    this.pending.add(execution);
    const outcome = await execution.finally(() => this.pending.delete(execution));
    const description = `${operation.kind} of ${operation.name}: ${JSON.stringify(outcome)}`;
    if ('error' in outcome && !FAILURES.includes(outcome.error.name)) this.faults.push(description);
    if ('value' in outcome && showsLostEvents(outcome.value)) this.faults.push(description);
    return outcome;
  }

  /** Sends an operation to the leader, and repeats it until it succeeds; returns its result. */
  executeUntilDone<O extends Operation>(operation: O): Promise<Extract<Outcome<O>, { value: unknown }>['value']> {
    return eventually(async () => {
      const outcome = await this.send(await this.leader(), operation);
      if ('error' in outcome) throw new Error(`${operation.kind} of ${operation.name}: ${outcome.error.message}`);
      return { value: outcome.value }; // an object, because `eventually` repeats an attempt that returns false
    }, LIMIT_MS).then(({ value }) => value);
  }

  /**
   * Heals all links. Waits for pending operations, and until one service leads, every model is live and caught up, no
   * event is parked, and both services are ready.
   */
  async settle(): Promise<void> {
    for (const service of this.services) service.heal();
    await Promise.all([...this.pending]);
    this.makeUnfoldable('');
    const { process } = await this.leader();
    for (const { name } of catalogue)
      if ((await this.record(name)).paused) await this.executeUntilDone({ kind: 'resume', name });
    await process.until(({ checks }) =>
      Object.values(checks.projections.states).every(({ state, caughtUp }) => state === 'live' && caughtUp),
    );
    await this.executeUntilDone({ kind: 'retry', name: 'timeline' });
    await Promise.all(this.services.map((service) => service.process.ready()));
  }

  async stop(): Promise<void> {
    await this.readModels.close();
    await this.servers.stop();
    for (const service of this.services) service.close();
  }
}

/**
 * Whether the result of an operation is a report of differing documents while none is parked: then events were lost or
 * folded twice.
 */
function showsLostEvents(value: unknown): boolean {
  const { differing, parked } = (value ?? {}) as { readonly differing?: unknown[]; readonly parked?: unknown[] };
  return (differing?.length ?? 0) > 0 && parked?.length === 0;
}
