import { join } from 'node:path';
import { eventually } from '../eventually.js';
import { Link } from '../network/link.js';
import { portIn, withPort } from '../network/ports.js';
import type { Operation, OperationResult } from '../../../src/projection/operations.js';
import { RoleProcess } from './role-process.js';
import type { Servers } from './servers.js';

const program = join(__dirname, 'operated-service.mjs');
const unfoldable = join(__dirname, '..', 'service', 'preload', 'unfoldable.mjs');

/** Result of an operation, or its error. After an error it is unknown whether the operation took effect. */
export type Outcome<O extends Operation> =
  { readonly value: OperationResult<O> } | { readonly error: { readonly name: string; readonly message: string } };

export interface OperatedOptions {
  /**
   * Path of a file with a text. A note that contains this text cannot be folded into the timeline; if the file is
   * empty, every note can be folded.
   */
  readonly unfoldable: string;
}

/**
 * A service with the role `all` that reaches each of its two servers through a link, and to which a test can send every
 * operation on projections.
 */
export class OperatedProcess {
  private constructor(
    readonly process: RoleProcess,
    /** Link to the server of the read models. */
    readonly documents: Link,
    /** Link to the event store. */
    readonly events: Link,
    /** URL at which operated-service.mjs accepts operations. */
    private readonly address: string,
  ) {}

  static async start(servers: Servers, options: OperatedOptions): Promise<OperatedProcess> {
    const { REDRESS_EVENTSTORE = '', REDRESS_READMODELS = '' } = servers.environment;
    const [documents, events] = await Promise.all([REDRESS_READMODELS, REDRESS_EVENTSTORE].map(linkTo));
    if (documents === undefined || events === undefined) throw new Error('expected a link for each of two servers');
    const settings = {
      REDRESS_EVENTSTORE: viaLink(events, REDRESS_EVENTSTORE),
      REDRESS_READMODELS: viaLink(documents, REDRESS_READMODELS),
      REDRESS_LEASE_SECONDS: '1',
      REDRESS_TEST_UNFOLDABLE: options.unfoldable,
    };
    const process = await RoleProcess.begin(servers, 'all', settings, [
      '--import',
      unfoldable,
      program,
    ]).untilListening();
    const address = await eventually(() => {
      const url = process.log.find(({ msg }) => msg === 'operated')?.url;
      if (typeof url !== 'string') throw new Error('the service has not logged its address for operations');
      return url;
    });
    return new OperatedProcess(process, documents, events, address);
  }

  /** Whether the service writes the read models. It answers even if its servers are unavailable. */
  async leads(): Promise<boolean> {
    const response = await fetch(this.address);
    return ((await response.json()) as { readonly leads: boolean }).leads;
  }

  async execute<O extends Operation>(operation: O): Promise<Outcome<O>> {
    const response = await fetch(this.address, { method: 'POST', body: JSON.stringify(operation) });
    return (await response.json()) as Outcome<O>;
  }

  /** Ends the cuts of both links. */
  heal(): void {
    this.documents.heal();
    this.events.heal();
  }

  /** Closes both links. */
  close(): void {
    this.documents.close();
    this.events.close();
  }
}

/** A link to the server at this address. */
export const linkTo = (url: string): Promise<Link> => Link.to(portIn(url));

/** The address of a server with the port of the link. */
export const viaLink = (link: Link, url: string): string => withPort(url, link.port);
