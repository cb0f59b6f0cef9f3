import { setTimeout as sleep } from 'node:timers/promises';
import type { Metadata, ServerErrorResponse } from '@grpc/grpc-js';
import {
  accessDenied,
  consumerTooSlow,
  notLeader,
  overloaded,
  serverStopped,
  serverUnavailable,
  unauthenticated,
} from './grpc-status.js';

/** A call that stays open: a subscription, or a client's stream of batch appends. */
export interface OpenCall {
  readonly kind: 'subscription' | 'batch';
  /** Ends it as if everything were said. */
  end(): void;
  fail(error: ServerErrorResponse): void;
  /** Takes everything and answers nothing any more, without an error; only a stream of appends can. */
  mute?(): void;
  /** The server speaks again: deliver what was withheld. */
  resume(): void;
}

export interface HangOptions {
  /** Store the appends all the same. */
  readonly store?: boolean;
  /** How many appends; all until `lift` when left out. */
  readonly next?: number;
}

/** What can go wrong with the server. Every method takes effect at once; those with a count say how many it met. */
export interface EsdbFaults {
  /** Appends are accepted and never answered, not even after `lift`. */
  hangAppends(options?: HangOptions): void;
  /** Appends are answered as timed out at the server; by default they are not stored. */
  timeOutAppends(options?: HangOptions): void;
  /** The open streams of appends take everything and answer nothing any more; new ones do. */
  muteAppendStreams(): number;
  /** How many appends were left unanswered so far. */
  hung(): number;
  /**
   * Nothing is answered or delivered until `lift`; then everything withheld is. HTTP/2 pings are still answered:
   * for a server whose keepalive stops too, freeze the separate process.
   */
  freeze(): void;
  /** Ends every subscription as if it were over: no error. */
  endSubscriptions(): number;
  /** Drops every subscription as too slow (code 10), whether it is or not. */
  dropAsTooSlow(): number;
  /** Destroys every connection; new ones are welcome. */
  reset(): number;
  /** Answers everything with code 14, open calls included, until `lift`. */
  unavailable(): void;
  /** Answers writes with code 8 until `lift`: no room for more. */
  overload(): void;
  /** Denies reads of `$all` and subscriptions to it until `lift`: the user may only read streams. */
  denyAll(): void;
  /** Answers everything with code 16 until `lift`: the user or the password is wrong. */
  rejectUser(): void;
  /**
   * The node at this address leads until `lift`. Calls that were made to another address and need the leader are refused
   * with this one; a double that clients reach at two addresses so acts as two nodes of one log.
   */
  moveLeader(leader: NodeAddress): void;
  /**
   * What SIGTERM does to the server: for `graceMs` (default 5,000) appends are still acknowledged while subscriptions
   * hear nothing, then open calls fail with code 13 and the server is gone. Resolves when it is.
   */
  stopGracefully(options?: { readonly graceMs?: number }): Promise<void>;
  /** Ends hanging, time-outs, freeze, unavailability, overload, denials and the leader's place. */
  lift(): void;
}

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** What of a call decides whether it needs the leader, and has it. */
interface Caller {
  /** The address that the client called. */
  getHost(): string;
  readonly metadata: Metadata;
}

export type AppendFate = 'answer' | 'ignore' | 'store silently' | 'time out' | 'store and time out';

/** The switches, as the calls ask them. */
export class Faults implements EsdbFaults {
  readonly #open = new Set<OpenCall>();
  readonly #resetConnections: () => number;
  readonly #close: () => Promise<void>;
  #hanging: { store: boolean; left: number } | undefined;
  #timingOut: { store: boolean; left: number } | undefined;
  #held: (() => void)[] | undefined;
  #away = false;
  #overloaded = false;
  #deniesAll = false;
  #rejectsUser = false;
  #leader: NodeAddress | undefined;
  #stopping = false;
  #hung = 0;

  constructor(resetConnections: () => number, close: () => Promise<void>) {
    this.#resetConnections = resetConnections;
    this.#close = close;
  }

  hangAppends({ store = false, next = Infinity }: HangOptions = {}): void {
    this.#hanging = { store, left: next };
  }

  timeOutAppends({ store = false, next = Infinity }: HangOptions = {}): void {
    this.#timingOut = { store, left: next };
  }

  muteAppendStreams(): number {
    return this.#each('batch', (call) => {
      call.mute?.();
    });
  }

  hung(): number {
    return this.#hung;
  }

  freeze(): void {
    this.#held ??= [];
  }

  endSubscriptions(): number {
    return this.#each('subscription', (call) => {
      call.end();
    });
  }

  dropAsTooSlow(): number {
    return this.#each('subscription', (call) => {
      call.fail(consumerTooSlow());
    });
  }

  reset(): number {
    return this.#resetConnections();
  }

  unavailable(): void {
    this.#away = true;
    this.#failAll(serverUnavailable);
  }

  overload(): void {
    this.#overloaded = true;
  }

  denyAll(): void {
    this.#deniesAll = true;
  }

  rejectUser(): void {
    this.#rejectsUser = true;
  }

  moveLeader(leader: NodeAddress): void {
    this.#leader = leader;
  }

  async stopGracefully({ graceMs = 5_000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#stopping = true;
    await sleep(graceMs);
    this.#failAll(serverStopped);
    await sleep(50); // the failures get onto the wire before their connections go
    await this.#close();
  }

  lift(): void {
    this.#hanging = undefined;
    this.#timingOut = undefined;
    this.#away = false;
    this.#overloaded = false;
    this.#deniesAll = false;
    this.#rejectsUser = false;
    this.#leader = undefined;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const act of held) act();
    for (const call of [...this.#open]) call.resume();
  }

  /** Subscriptions deliver nothing. */
  get isSilent(): boolean {
    return this.#stopping || this.isFrozen;
  }

  /** Address of the leader; without a change it is the node that was called. */
  leaderFor(called: string): string {
    return this.#leader ? `${this.#leader.host}:${String(this.#leader.port)}` : called;
  }

  get isFrozen(): boolean {
    return this.#held !== undefined;
  }

  /** How many subscriptions are open. */
  get subscriptions(): number {
    return [...this.#open].filter(({ kind }) => kind === 'subscription').length;
  }

  register(call: OpenCall): void {
    this.#open.add(call);
  }

  unregister(call: OpenCall): void {
    this.#open.delete(call);
  }

  /** Runs `act` now, or after the freeze. Keeps the order. */
  unlessFrozen(act: () => void): void {
    if (this.#held) this.#held.push(act);
    else act();
  }

  /** Lets a request in, or refuses it. A frozen server decides when it thaws. */
  admit(
    caller: Caller,
    intent: 'read' | 'read all' | 'write',
    handle: () => void,
    refuse: (error: ServerErrorResponse) => void,
  ): void {
    this.unlessFrozen(() => {
      if (this.#away) refuse(serverUnavailable());
      else if (this.#rejectsUser) refuse(unauthenticated());
      else if (this.#deniesAll && intent === 'read all') refuse(accessDenied());
      else if (this.#overloaded && intent === 'write') refuse(overloaded());
      else if (this.#leader && this.#needsOther(caller, intent))
        refuse(notLeader(this.#leader.host, this.#leader.port));
      else handle();
    });
  }

  /** What becomes of the append at hand; counts it. */
  nextAppend(): AppendFate {
    if (this.#hanging && this.#hanging.left > 0) {
      this.#hanging.left -= 1;
      this.#hung += 1;
      return this.#hanging.store ? 'store silently' : 'ignore';
    }
    if (this.#timingOut && this.#timingOut.left > 0) {
      this.#timingOut.left -= 1;
      return this.#timingOut.store ? 'store and time out' : 'time out';
    }
    return 'answer';
  }

  /** A node that does not lead refuses every write, and the reads that ask for the leader. */
  #needsOther(caller: Caller, intent: 'read' | 'read all' | 'write'): boolean {
    const needsLeader = intent === 'write' || caller.metadata.get('requires-leader').includes('true');
    return needsLeader && this.leaderFor(caller.getHost()) !== caller.getHost();
  }

  #failAll(reason: () => ServerErrorResponse): void {
    const fail = (call: OpenCall): void => {
      call.fail(reason());
    };
    this.#each('subscription', fail);
    this.#each('batch', fail);
  }

  #each(kind: OpenCall['kind'], act: (call: OpenCall) => void): number {
    const calls = [...this.#open].filter((call) => call.kind === kind);
    for (const call of calls) act(call);
    return calls.length;
  }
}
