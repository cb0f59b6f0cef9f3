import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CommandNames } from '../mongo/command-names.js';
import { listenOnLoopback, portIn, portOf } from '../network/ports.js';
import { TlsFront } from '../network/tls-front.js';
import { DocumentServer } from './document-server.js';
import { EventStoreServer } from './event-store-server.js';

const root = join(__dirname, '..', '..', '..');

/** Paths of {@link SecureServers.control}: the shell of the test requests them where an operator works on the servers. */
const COPY_EVENTS = '/copy-events';
const RESTORE_EVENTS = '/restore-events';

/**
 * The doubles of both servers behind TLS, with certificates of scripts/certificates.sh. The double of EventStoreDB
 * ignores users; its HTTP interface creates them. The stand-in for MongoDB has no users.
 */
export class SecureServers {
  /** The users that were created over HTTP. */
  readonly users: { readonly LoginName: string; readonly Groups: readonly string[] }[] = [];
  /** Names of the commands that clients sent to MongoDB. */
  readonly commands = new Set<string>();

  private constructor(
    private readonly folder: string,
    private readonly events: EventStoreServer,
    private readonly documents: DocumentServer,
    private readonly fronts: TlsFront[],
    private readonly operator: Server,
  ) {}

  static async start(): Promise<SecureServers> {
    const folder = mkdtempSync(join(tmpdir(), 'redress-secure-'));
    const certificates = join(folder, 'certificates');
    execFileSync('sh', [join(root, 'scripts', 'certificates.sh'), certificates, 'localhost', 'localhost']);
    const [events, documents] = await Promise.all([EventStoreServer.start(folder), DocumentServer.start(folder)]);
    const servers = new SecureServers(folder, events, documents, [], createServer());
    const node = join(certificates, 'eventstore', 'node');
    const mongo = join(certificates, 'mongo', 'mongo.pem');
    servers.fronts.push(
      await TlsFront.start({
        certificate: `${node}.crt`,
        key: `${node}.key`,
        target: portIn(events.url),
        http: (request, response) => void servers.createUser(request, response),
      }),
      await TlsFront.start({
        certificate: mongo,
        key: mongo,
        target: portIn(documents.url),
        onClient: () => {
          const names = new CommandNames((name) => servers.commands.add(name));
          return (bytes) => names.add(bytes);
        },
      }),
    );
    servers.operator.on('request', (request, response) => void servers.operate(request, response));
    await listenOnLoopback(servers.operator);
    return servers;
  }

  /** The settings of a Redress process that uses these servers. */
  get environment(): Readonly<Record<'REDRESS_EVENTSTORE' | 'REDRESS_READMODELS', string>> {
    const authority = join(this.folder, 'certificates', 'ca', 'ca.crt');
    const [events, documents] = this.fronts.map(({ port }) => `localhost:${String(port)}`);
    return {
      REDRESS_EVENTSTORE: `esdb://redress:a-password@${events ?? ''}?tlsCAFile=${authority}`,
      REDRESS_READMODELS: `mongodb://${documents ?? ''}/redress?tls=true&tlsCAFile=${authority}`,
    };
  }

  /** URL of an HTTP server that copies and restores the events. */
  get control(): string {
    return `http://127.0.0.1:${String(portOf(this.operator))}`;
  }

  async stop(): Promise<void> {
    this.operator.close();
    for (const front of this.fronts) front.close();
    await Promise.all([this.events.kill(), this.documents.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async operate({ url }: IncomingMessage, response: ServerResponse): Promise<void> {
    const copy = join(this.folder, 'copy-of-events');
    if (url === COPY_EVENTS) this.events.backUp(copy);
    else if (url === RESTORE_EVENTS) await this.events.restore(copy);
    else response.statusCode = 404;
    response.end();
  }

  /** Behaves like POST /users/ of EventStoreDB: 201, or 409 if the user exists. */
  private async createUser(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isAdmin = request.headers.authorization === `Basic ${btoa('admin:changeit')}`;
    const user = JSON.parse(await text(request)) as SecureServers['users'][number];
    if (request.url !== '/users/' || !isAdmin) response.statusCode = 401;
    else if (this.users.some(({ LoginName }) => LoginName === user.LoginName)) response.statusCode = 409;
    else {
      this.users.push(user);
      response.statusCode = 201;
    }
    response.end();
  }
}
