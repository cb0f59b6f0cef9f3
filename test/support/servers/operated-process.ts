import { join } from 'node:path';
import { eventually } from '../eventually.js';
import { Link } from '../network/link.js';
import type { Operation, OperationResult } from '../../../src/projection/operations.js';
import { RoleProcess } from './role-process.js';
import type { Servers } from './servers.js';

const program = join(__dirname, 'operated-service.mjs');
const unfoldable = join(__dirname, '..', 'service', 'preload', 'unfoldable.mjs');

/** What came of an operation; an error says nothing of whether it was done. */
export type Outcome<O extends Operation> =
  { readonly value: OperationResult<O> } | { readonly error: { readonly name: string; readonly message: string } };

export interface OperatedOptions {
  /** File with the text that makes an event unfoldable for the timeline; empty for none. */
  readonly unfoldable: string;
}

/** A service of the role `all` that reaches each of its servers through a link, and takes every operation. */
export class OperatedProcess {
  private constructor(
    readonly process: RoleProcess,
    readonly documents: Link,
    readonly events: Link,
    private readonly address: string,
  ) {}

  static async start(servers: Servers, options: OperatedOptions): Promise<OperatedProcess> {
    const { REDRESS_EVENTSTORE = '', REDRESS_READMODELS = '' } = servers.environment;
    const [documents, events] = await Promise.all([REDRESS_READMODELS, REDRESS_EVENTSTORE].map(linkTo));
    if (documents === undefined || events === undefined) throw new Error('there are two servers');
    const settings = {
      REDRESS_EVENTSTORE: through(events, REDRESS_EVENTSTORE),
      REDRESS_READMODELS: through(documents, REDRESS_READMODELS),
      REDRESS_LEASE_SECONDS: '1',
      REDRESS_TEST_UNFOLDABLE: options.unfoldable,
    };
    const process = await RoleProcess.begin(servers, 'all', settings, ['--import', unfoldable, program]).listening();
    const address = await eventually(() => {
      const url = process.log.find(({ msg }) => msg === 'operated')?.url;
      if (typeof url !== 'string') throw new Error('it does not say where it is operated');
      return url;
    });
    return new OperatedProcess(process, documents, events, address);
  }

  /** Whether it writes the read models. It answers even if its servers are unavailable. */
  async leads(): Promise<boolean> {
    const response = await fetch(this.address);
    return ((await response.json()) as { readonly leads: boolean }).leads;
  }

  async execute<O extends Operation>(operation: O): Promise<Outcome<O>> {
    const response = await fetch(this.address, { method: 'POST', body: JSON.stringify(operation) });
    return (await response.json()) as Outcome<O>;
  }

  heal(): void {
    this.documents.heal();
    this.events.heal();
  }

  close(): void {
    this.documents.close();
    this.events.close();
  }
}

const PORT = /:(\d+)(?=[/?]|$)/;

const linkTo = (url: string): Promise<Link> => Link.to(Number(PORT.exec(url)?.[1]));

const through = (link: Link, url: string): string => url.replace(PORT, `:${String(link.port)}`);
