import { DEFAULT_HOUSE_RULES } from '../house-policy/rules.js';
import { houseRulesAt, type HousePolicyState } from '../house-policy/house-policy.js';
import type { EventStore, Position, StoredEvent } from '../eventstore/event-store.js';
import { foldOnto, foldSuffix, unfolded, type Folded } from '../eventstore/fold.js';
import type { Clock } from '../platform/clock.js';
import { HOUSE_POLICY_STREAM } from '../house-policy/rules.js';
import { HOUSE_RESPONSE_POLICY } from '../response-policy/response-policy.js';
import { responsePolicyTable, type ResponsePolicyState } from '../response-policy/publishing.js';
import { idKey, type Person } from '../staff/person.js';
import { STAFF_STREAMS, staffTable, type StaffState } from '../staff/staff.js';
import { TAXONOMY_STREAM, type TaxonomyState } from '../taxonomy/taxonomy.js';
import type { Unit } from '../unit/org-unit.js';
import { UNIT_STREAMS, unitTable, type UnitState } from '../unit/unit.js';
import { REFERENCE_STREAMS, referenceTables, type ReferenceTable } from './aggregates.js';
import { compiled, letterRequirement, taxonomyOf, type CompiledPolicy, type ReferenceData } from './reference-data.js';
import type { Directory, ReferenceSource } from './reference-source.js';

const PAGE_EVENTS = 1000;

/** Folds the streams of people, units and rules in memory, and follows the log. */
export class ReferenceFold implements ReferenceSource, Directory {
  private readonly streams = new Map<string, Folded<unknown>>();
  /** Policies with parsed conditions; parsed again after a change. */
  private policies: readonly CompiledPolicy[] | undefined;
  private position: Position | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  /** Reads what is recorded now. @throws StoreUnavailable, DecodeError */
  async load(): Promise<void> {
    for (;;) {
      const events = await this.store.readAll({
        after: this.position,
        prefixes: REFERENCE_STREAMS,
        limit: PAGE_EVENTS,
      });
      await this.apply(events);
      if (events.length < PAGE_EVENTS) return;
    }
  }

  /** Applies new events until the signal aborts or the subscription fails; then the caller may call it again. */
  async follow(signal: AbortSignal): Promise<void> {
    const batches = this.store.subscribe({ after: this.position, prefixes: REFERENCE_STREAMS, signal });
    for await (const { events } of batches) await this.apply(events);
  }

  async refresh(streams: Iterable<string>): Promise<boolean> {
    const changes = await Promise.all([...new Set(streams)].map((stream) => this.refreshStream(stream)));
    return changes.some(Boolean);
  }

  at(time: string): ReferenceData {
    const policyState = this.stateOf<HousePolicyState>(HOUSE_POLICY_STREAM);
    return {
      house: policyState === undefined ? DEFAULT_HOUSE_RULES : houseRulesAt(policyState, time),
      staff: { person: (id) => this.stateOf<StaffState>(`${STAFF_STREAMS}${idKey(id)}`)?.person ?? undefined },
      units: { unit: (id) => this.stateOf<UnitState>(`${UNIT_STREAMS}${idKey(id)}`)?.unit ?? undefined },
      taxonomy: taxonomyOf(this.stateOf<TaxonomyState>(TAXONOMY_STREAM)?.versions ?? [], time),
      responsePolicies: {
        letterRequirement: (kind, facts, at) => letterRequirement(this.compiledPolicies(), kind, facts, at),
      },
    };
  }

  current(): ReferenceData {
    return this.at(this.clock.now());
  }

  people(): Person[] {
    return this.statesOf<StaffState>(staffTable.aggregate.prefix).flatMap(({ state }) => state.person ?? []);
  }

  units(): Unit[] {
    return this.statesOf<UnitState>(unitTable.aggregate.prefix).flatMap(({ state }) => state.unit ?? []);
  }

  /** The folded streams with this prefix, by id. */
  statesOf<State>(prefix: string): { readonly id: string; readonly state: State; readonly revision: number }[] {
    return [...this.streams]
      .filter(([stream]) => stream.startsWith(prefix))
      .map(([stream, { state, revision }]) => ({ id: stream.slice(prefix.length), state: state as State, revision }))
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  private async apply(events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) {
      const table = tableOf(event.stream);
      const folded = this.streams.get(event.stream) ?? unfolded(table.aggregate, idOf(table, event.stream));
      if (event.revision === folded.revision + 1) this.set(event.stream, foldOnto(table.aggregate, folded, [event]));
      else if (event.revision > folded.revision) await this.refreshStream(event.stream);
      this.position = event.position;
    }
  }

  private async refreshStream(stream: string): Promise<boolean> {
    const table = tableOf(stream);
    const before = this.streams.get(stream) ?? unfolded(table.aggregate, idOf(table, stream));
    const after = await foldSuffix(this.store, table.aggregate, stream, before);
    const known = this.streams.get(stream)?.revision ?? -1; // the subscription may have delivered events meanwhile
    if (after.revision > known) this.set(stream, after);
    return after.revision > before.revision;
  }

  private set(stream: string, folded: Folded<unknown>): void {
    this.streams.set(stream, folded);
    this.policies = undefined;
  }

  private stateOf<State>(stream: string): State | undefined {
    return this.streams.get(stream)?.state as State | undefined;
  }

  private compiledPolicies(): readonly CompiledPolicy[] {
    if (this.policies === undefined) {
      const published = this.statesOf<ResponsePolicyState>(responsePolicyTable.aggregate.prefix);
      const versions = published.flatMap(({ state }) => state.versions);
      this.policies = (versions.length === 0 ? [HOUSE_RESPONSE_POLICY] : versions).map(compiled);
    }
    return this.policies;
  }
}

const idOf = ({ aggregate }: ReferenceTable, stream: string): string => stream.slice(aggregate.prefix.length);

/** @throws Error for a stream that is not one of reference data, which is a programming error */
function tableOf(stream: string): ReferenceTable {
  const table = referenceTables.find(({ aggregate }) => stream.startsWith(aggregate.prefix));
  if (table === undefined) throw new Error(`${stream} has no reference data`);
  return table;
}
