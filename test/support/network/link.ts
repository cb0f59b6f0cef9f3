import { connect, createServer, type Server, type Socket } from 'node:net';
import { listenOnLoopback, portOf } from './ports.js';

/**
 * Kinds of network failure:
 * - `reset`: open and new connections are reset.
 * - `frozen`: connections and bytes are accepted, but the bytes of both directions are held back.
 * - `requests held`, `answers held`: bytes of this direction are held back, the other direction works.
 * - `answers lost`: requests arrive; the first bytes of an answer reset the connection, and new connections are reset.
 */
export const CUTS = ['reset', 'frozen', 'requests held', 'answers held', 'answers lost'] as const;
export type Cut = (typeof CUTS)[number];

type Direction = 'requests' | 'answers';

/** A cut that begins with the first matching request, before that request is forwarded. */
interface PendingCut {
  readonly matches: (request: string) => boolean;
  readonly cut: Cut;
  readonly onBegin: () => void;
}

/** The network between one process and one server: a TCP proxy on loopback that can be cut and healed. */
export class Link {
  private current: Cut | undefined;
  private pending: PendingCut | undefined;
  private readonly connections = new Set<Connection>();

  private constructor(
    private readonly proxy: Server,
    private readonly target: number,
  ) {
    proxy.on('connection', (client) => this.accept(client));
  }

  /** @param target port on loopback */
  static async to(target: number): Promise<Link> {
    const proxy = createServer({ allowHalfOpen: true, noDelay: true });
    const link = new Link(proxy, target);
    await listenOnLoopback(proxy);
    return link;
  }

  get port(): number {
    return portOf(this.proxy);
  }

  /** Begins a cut; it replaces the current one. */
  cut(cut: Cut): void {
    this.current = cut;
    if (cut === 'reset') for (const connection of this.connections) connection.reset();
  }

  /** Begins the cut at the first request that matches, before it is forwarded. Resolves when the cut begins. */
  cutAt(matches: (request: string) => boolean, cut: Cut): Promise<void> {
    return new Promise((onBegin) => (this.pending = { matches, cut, onBegin }));
  }

  /** Ends the cut. Forwards all held bytes, including those of clients that have disconnected meanwhile. */
  heal(): void {
    this.current = undefined;
    this.pending = undefined;
    for (const connection of this.connections) connection.release();
  }

  /** Stops the proxy and resets its connections. */
  close(): void {
    this.proxy.close();
    for (const connection of this.connections) connection.reset();
  }

  /** What happens to these bytes; begins a pending cut if they match it. */
  private outcomeOf(direction: Direction, bytes: Buffer): 'forwarded' | 'held' | 'lost' {
    const { pending } = this;
    if (direction === 'requests' && pending?.matches(bytes.toString('latin1')) === true) {
      this.pending = undefined;
      this.cut(pending.cut);
      pending.onBegin();
    }
    if (this.current === 'reset') return 'lost';
    if (direction === 'answers' && this.current === 'answers lost') return 'lost';
    return this.holds(direction) ? 'held' : 'forwarded';
  }

  private holds(direction: Direction): boolean {
    return this.current === 'frozen' || this.current === `${direction} held`;
  }

  private accept(client: Socket): void {
    if (this.current === 'reset' || this.current === 'answers lost') {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const server = connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const connection = new Connection(client, server, {
      outcomeOf: (direction, bytes) => this.outcomeOf(direction, bytes),
      holds: (direction) => this.holds(direction),
      onClosed: () => this.connections.delete(connection),
    });
    this.connections.add(connection);
  }
}

/** The state of the link, as its connections need it. */
interface ConnectionHooks {
  readonly outcomeOf: (direction: Direction, bytes: Buffer) => 'forwarded' | 'held' | 'lost';
  readonly holds: (direction: Direction) => boolean;
  readonly onClosed: () => void;
}

/** One connection through the proxy, with one flow of bytes in each direction. */
class Connection {
  private readonly requests: Flow;
  private readonly answers: Flow;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    hooks: ConnectionHooks,
  ) {
    this.requests = { direction: 'requests', from: client, to: server, held: [], hasEnded: false };
    this.answers = { direction: 'answers', from: server, to: client, held: [], hasEnded: false };
    for (const flow of [this.requests, this.answers]) this.forward(flow, hooks);
    server.on('close', () => {
      if (client.destroyed) hooks.onClosed();
    });
    client.on('close', () => {
      if (server.destroyed) hooks.onClosed();
    });
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.server.destroy();
  }

  release(): void {
    for (const { to, held, hasEnded } of [this.requests, this.answers]) {
      for (const bytes of held.splice(0)) if (!to.destroyed) to.write(bytes);
      if (hasEnded) to.end();
    }
  }

  private forward(flow: Flow, { outcomeOf, holds }: ConnectionHooks): void {
    const { direction, from, to, held } = flow;
    const end = (): void => {
      flow.hasEnded = true;
      if (!holds(direction)) to.end();
    };
    from
      .on('data', (bytes: Buffer) => {
        const outcome = outcomeOf(direction, bytes);
        if (outcome === 'lost') this.reset();
        else if (outcome === 'held') held.push(bytes);
        else if (!to.destroyed) to.write(bytes);
      })
      .on('error', () => undefined)
      .on('end', end)
      .on('close', end);
  }
}

interface Flow {
  readonly direction: Direction;
  readonly from: Socket;
  readonly to: Socket;
  readonly held: Buffer[];
  hasEnded: boolean;
}
