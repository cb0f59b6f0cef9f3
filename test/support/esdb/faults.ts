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

/** A gRPC call that stays open: a subscription, or a batch-append call. */
export interface OpenCall {
  readonly kind: 'subscription' | 'batch';
  /** Ends the call without an error. */
  end(): void;
  /** Ends the call with the error. */
  fail(error: ServerErrorResponse): void;
  /** From now on the call neither stores nor answers appends. Only batch-append calls have this method. */
  mute?(): void;
  /** Delivers what a freeze withheld. */
  resume(): void;
}

/** Options of `hangAppends` and `timeOutAppends`. */
export interface HangOptions {
  /** Whether the server stores the affected appends. Default: false. */
  readonly store?: boolean;
  /** How many of the next appends are affected. Default: all until `lift`. */
  readonly next?: number;
}

/**
 * Switches for faults of the server. A switch takes effect at once. A method that returns a number, except `hung`,
 * returns how many calls or connections it affected.
 */
export interface EsdbFaults {
  /** Accepts appends and never answers them, not even after `lift`. By default they are not stored. */
  hangAppends(options?: HangOptions): void;
  /** Answers appends with a time-out of the server. By default they are not stored. */
  timeOutAppends(options?: HangOptions): void;
  /** The open batch-append calls store and answer no further appends. New batch-append calls work normally. */
  muteAppendStreams(): number;
  /** The number of appends that `hangAppends` has left without an answer so far. */
  hung(): number;
  /**
   * Withholds all answers and events until `lift`, which delivers them. The server still answers HTTP/2 pings. To stop
   * these too, suspend a double in a separate process (see spawn-double.ts).
   */
  freeze(): void;
  /** Waits this number of ms before each event of a read, until `lift`. */
  slowReads(ms: number): void;
  /** Ends every subscription without an error. */
  endSubscriptions(): number;
  /** Drops every subscription with the error for a slow consumer (gRPC code 10). */
  dropAsTooSlow(): number;
  /** Resets every connection. The server accepts new connections. */
  reset(): number;
  /**
   * Fails open subscriptions and batch-append calls, and until `lift` all new calls, with gRPC code 14 (UNAVAILABLE).
   */
  unavailable(): void;
  /** Rejects writes with gRPC code 8 (RESOURCE_EXHAUSTED) until `lift`. */
  overload(): void;
  /** Denies reads of `$all` and subscriptions to `$all` until `lift`. Single streams stay readable. */
  denyAll(): void;
  /**
   * Rejects new calls with gRPC code 16 (UNAUTHENTICATED) until `lift`, as for a wrong user or password.
   * @param name the calls of this user; default: all calls
   */
  rejectUser(name?: string): void;
  /**
   * Makes the node at the address `leader` the leader until `lift`. Rejects calls to another address that need the
   * leader; the error contains the address of the leader. A double that clients reach at two addresses thus acts as two
   * nodes that share one log.
   */
  moveLeader(leader: NodeAddress): void;
  /**
   * Stops the server as SIGTERM does. For `graceMs` (default 5,000 ms) it still acknowledges appends, but delivers no
   * events to subscriptions. Then it fails open calls with gRPC code 13 (INTERNAL) and closes. Resolves when closed.
   */
  stopGracefully(options?: { readonly graceMs?: number }): Promise<void>;
  /** Switches off every fault that lasts until `lift`. */
  lift(): void;
}

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** The part of a gRPC call that decides whether the called node must reject it because another node leads. */
interface RoutedCall {
  /** The address that the client called, as `host:port`. */
  getHost(): string;
  readonly metadata: Metadata;
}

/**
 * What the server does with one append. `ignore`: no storing, no answer. `store silently`: stores without an answer.
 */
export type AppendFate = 'answer' | 'ignore' | 'store silently' | 'time out' | 'store and time out';

/** The state of the switches. The handlers of the gRPC calls query it. */
export class Faults implements EsdbFaults {
  readonly #openCalls = new Set<OpenCall>();
  readonly #resetConnections: () => number;
  readonly #close: () => Promise<void>;
  #hangFault: { store: boolean; remaining: number } | undefined;
  #timeOutFault: { store: boolean; remaining: number } | undefined;
  #withheld: (() => void)[] | undefined;
  #readDelayMs = 0;
  #isUnavailable = false;
  #isOverloaded = false;
  #deniesAll = false;
  #rejectsUser = (_metadata: Metadata): boolean => false;
  #leader: NodeAddress | undefined;
  #stopping = false;
  #unansweredAppends = 0;

  constructor(resetConnections: () => number, close: () => Promise<void>) {
    this.#resetConnections = resetConnections;
    this.#close = close;
  }

  hangAppends({ store = false, next = Infinity }: HangOptions = {}): void {
    this.#hangFault = { store, remaining: next };
  }

  timeOutAppends({ store = false, next = Infinity }: HangOptions = {}): void {
    this.#timeOutFault = { store, remaining: next };
  }

  muteAppendStreams(): number {
    return this.#forEachOpen('batch', (call) => {
      call.mute?.();
    });
  }

  hung(): number {
    return this.#unansweredAppends;
  }

  freeze(): void {
    this.#withheld ??= [];
  }

  slowReads(ms: number): void {
    this.#readDelayMs = ms;
  }

  endSubscriptions(): number {
    return this.#forEachOpen('subscription', (call) => {
      call.end();
    });
  }

  dropAsTooSlow(): number {
    return this.#forEachOpen('subscription', (call) => {
      call.fail(consumerTooSlow());
    });
  }

  reset(): number {
    return this.#resetConnections();
  }

  unavailable(): void {
    this.#isUnavailable = true;
    this.#failAll(serverUnavailable);
  }

  overload(): void {
    this.#isOverloaded = true;
  }

  denyAll(): void {
    this.#deniesAll = true;
  }

  rejectUser(name?: string): void {
    this.#rejectsUser = (metadata) => name === undefined || userIn(metadata) === name;
  }

  moveLeader(leader: NodeAddress): void {
    this.#leader = leader;
  }

  async stopGracefully({ graceMs = 5_000 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#stopping = true;
    await sleep(graceMs);
    this.#failAll(serverStopped);
    await sleep(50); // ms, so that the errors are sent before the connections close
    await this.#close();
  }

  lift(): void {
    this.#hangFault = undefined;
    this.#timeOutFault = undefined;
    this.#readDelayMs = 0;
    this.#isUnavailable = false;
    this.#isOverloaded = false;
    this.#deniesAll = false;
    this.#rejectsUser = () => false;
    this.#leader = undefined;
    const withheld = this.#withheld ?? [];
    this.#withheld = undefined;
    for (const act of withheld) act();
    for (const call of [...this.#openCalls]) call.resume();
  }

  /** True while subscriptions deliver nothing: during a freeze or a graceful stop. */
  get isSilent(): boolean {
    return this.#stopping || this.isFrozen;
  }

  /** Address of the leader, as `host:port`. Without `moveLeader`, the called node is the leader. */
  leaderFor(calledAddress: string): string {
    return this.#leader ? `${this.#leader.host}:${String(this.#leader.port)}` : calledAddress;
  }

  get isFrozen(): boolean {
    return this.#withheld !== undefined;
  }

  /** The delay of `slowReads` in ms; 0 without it. */
  get readDelayMs(): number {
    return this.#readDelayMs;
  }

  /** How many subscriptions are open. */
  get subscriptions(): number {
    return [...this.#openCalls].filter(({ kind }) => kind === 'subscription').length;
  }

  register(call: OpenCall): void {
    this.#openCalls.add(call);
  }

  unregister(call: OpenCall): void {
    this.#openCalls.delete(call);
  }

  /** Runs `act` now, or after the freeze if the server is frozen. Keeps the order of the calls. */
  whenNotFrozen(act: () => void): void {
    if (this.#withheld) this.#withheld.push(act);
    else act();
  }

  /** Calls `handle`, or `reject` if a fault applies to the request. A frozen server decides after the freeze. */
  admit(
    call: RoutedCall,
    intent: 'read' | 'read all' | 'write',
    handle: () => void,
    reject: (error: ServerErrorResponse) => void,
  ): void {
    this.whenNotFrozen(() => {
      if (this.#isUnavailable) reject(serverUnavailable());
      else if (this.#rejectsUser(call.metadata)) reject(unauthenticated());
      else if (this.#deniesAll && intent === 'read all') reject(accessDenied());
      else if (this.#isOverloaded && intent === 'write') reject(overloaded());
      else if (this.#leader && this.#mustReject(call, intent)) reject(notLeader(this.#leader.host, this.#leader.port));
      else handle();
    });
  }

  /** Decides what the server does with the next append, and counts that append. */
  nextAppendFate(): AppendFate {
    if (this.#hangFault && this.#hangFault.remaining > 0) {
      this.#hangFault.remaining -= 1;
      this.#unansweredAppends += 1;
      return this.#hangFault.store ? 'store silently' : 'ignore';
    }
    if (this.#timeOutFault && this.#timeOutFault.remaining > 0) {
      this.#timeOutFault.remaining -= 1;
      return this.#timeOutFault.store ? 'store and time out' : 'time out';
    }
    return 'answer';
  }

  /** A node that is not the leader rejects every write, and the reads that require the leader. */
  #mustReject(call: RoutedCall, intent: 'read' | 'read all' | 'write'): boolean {
    const needsLeader = intent === 'write' || call.metadata.get('requires-leader').includes('true');
    return needsLeader && this.leaderFor(call.getHost()) !== call.getHost();
  }

  #failAll(newError: () => ServerErrorResponse): void {
    const fail = (call: OpenCall): void => {
      call.fail(newError());
    };
    this.#forEachOpen('subscription', fail);
    this.#forEachOpen('batch', fail);
  }

  #forEachOpen(kind: OpenCall['kind'], act: (call: OpenCall) => void): number {
    const calls = [...this.#openCalls].filter((openCall) => openCall.kind === kind);
    for (const call of calls) act(call);
    return calls.length;
  }
}

/** The name of the user in the credentials of a call; undefined without credentials, which clients send only over TLS. */
function userIn(metadata: Metadata): string | undefined {
  const [, credentials = ''] = /^Basic (.+)$/i.exec(String(metadata.get('authorization')[0])) ?? [];
  return Buffer.from(credentials, 'base64').toString().split(':')[0];
}
