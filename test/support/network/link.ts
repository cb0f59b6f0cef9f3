import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * How a connection is cut.
 * `reset`: connections end at once, and new ones too.
 * `frozen`: everything is accepted and held in both directions.
 * `requests held`, `answers held`: the same in one direction only.
 * `answers lost`: requests arrive; a connection ends when its answer comes, and new ones end at once.
 */
export const CUTS = ['reset', 'frozen', 'requests held', 'answers held', 'answers lost'] as const;
export type Cut = (typeof CUTS)[number];

type Direction = 'requests' | 'answers';

/** The cut that begins with a request, before that request is forwarded. */
interface Trap {
  readonly sent: (request: string) => boolean;
  readonly cut: Cut;
  readonly sprung: () => void;
}

/** The network between one process and one server: a TCP proxy on loopback that can be cut and healed. */
export class Link {
  private current: Cut | undefined;
  private trap: Trap | undefined;
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
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    return link;
  }

  get port(): number {
    return (this.proxy.address() as AddressInfo).port;
  }

  /** Begins a cut, in the place of one that lasts. */
  cut(cut: Cut): void {
    this.current = cut;
    if (cut === 'reset') for (const connection of this.connections) connection.reset();
  }

  /** Begins the cut with the first request whose bytes are such; resolves when it has begun. */
  cutAt(sent: (request: string) => boolean, cut: Cut): Promise<void> {
    return new Promise((sprung) => (this.trap = { sent, cut, sprung }));
  }

  /** Ends a cut. What was held arrives now, also what was sent by a client that has given up since. */
  heal(): void {
    this.current = undefined;
    this.trap = undefined;
    for (const connection of this.connections) connection.release();
  }

  close(): void {
    this.proxy.close();
    for (const connection of this.connections) connection.reset();
  }

  /** Called with all bytes before they are forwarded. */
  private passes(direction: Direction, bytes: Buffer): 'forwarded' | 'held' | 'lost' {
    const { trap } = this;
    if (direction === 'requests' && trap?.sent(bytes.toString('latin1')) === true) {
      this.trap = undefined;
      this.cut(trap.cut);
      trap.sprung();
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
      passes: (direction, bytes) => this.passes(direction, bytes),
      holds: (direction) => this.holds(direction),
      over: () => this.connections.delete(connection),
    });
    this.connections.add(connection);
  }
}

interface Rules {
  readonly passes: (direction: Direction, bytes: Buffer) => 'forwarded' | 'held' | 'lost';
  readonly holds: (direction: Direction) => boolean;
  readonly over: () => void;
}

/** One connection through the proxy: two flows of bytes. */
class Connection {
  private readonly requests: Flow;
  private readonly answers: Flow;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    rules: Rules,
  ) {
    this.requests = { direction: 'requests', from: client, to: server, held: [], hasEnded: false };
    this.answers = { direction: 'answers', from: server, to: client, held: [], hasEnded: false };
    for (const flow of [this.requests, this.answers]) this.carry(flow, rules);
    server.on('close', () => {
      if (client.destroyed) rules.over();
    });
    client.on('close', () => {
      if (server.destroyed) rules.over();
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

  private carry(flow: Flow, { passes, holds }: Rules): void {
    const { direction, from, to, held } = flow;
    const end = (): void => {
      flow.hasEnded = true;
      if (!holds(direction)) to.end();
    };
    from
      .on('data', (bytes: Buffer) => {
        const fate = passes(direction, bytes);
        if (fate === 'lost') this.reset();
        else if (fate === 'held') held.push(bytes);
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
