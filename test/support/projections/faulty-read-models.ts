import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedReadModels } from '../../../src/readmodels/embedded/embedded-read-models.js';
import type {
  ConditionalWrite,
  ModelChange,
  ModelRecord,
  ReadModels,
  WriteBatch,
  WriteResult,
  WriteSession,
} from '../../../src/readmodels/read-models.js';

type Write = (batch: WriteBatch) => Promise<WriteResult>;
type Change = () => Promise<ModelRecord>;

/** The writes of a batch to its own collection. */
export const writesOf = ({ changes }: WriteBatch): readonly ConditionalWrite[] =>
  changes.flatMap(({ writes }) => writes);

/** Read models, embedded in a folder of their own unless others are given, whose changes a test can get in the way of. */
export class FaultyReadModels {
  /** Gets the next writes, with the real one. */
  meddle: ((batch: WriteBatch, write: Write) => Promise<WriteResult>) | undefined;
  /** Gets the next changes of records, with the real one. */
  meddleChange: ((change: Partial<ModelChange>, apply: Change) => Promise<ModelRecord>) | undefined;
  /** Batches that were written, by collection. */
  readonly written: WriteBatch[] = [];
  /** Collections whose indexes were built at the end of a load. */
  readonly indexed: string[] = [];
  readonly port: ReadModels;
  private readonly folder = mkdtempSync(join(tmpdir(), 'redress-views-'));
  private readonly real: ReadModels;

  constructor(others?: ReadModels) {
    const real = (this.real = others ?? EmbeddedReadModels.open(join(this.folder, 'views.db')));
    this.port = intercepted(real, {
      openSession: async () => this.meddledSession(await real.openSession()),
    });
  }

  /** A session of its own, through which a test changes what it likes. */
  session(): Promise<WriteSession> {
    return this.real.openSession();
  }

  /** The collection that the model is served from. */
  async live(name: string): Promise<string> {
    return (await this.port.loadModel(name))?.live ?? '';
  }

  async remove(): Promise<void> {
    await this.real.close();
    rmSync(this.folder, { recursive: true });
  }

  private meddledSession(session: WriteSession): WriteSession {
    const write: Write = async (batch) => {
      const result = await session.write(batch);
      if (result.outcome === 'written' && batch.changes.length > 0) this.written.push(batch);
      return result;
    };
    return intercepted(session, {
      write: (batch) => (this.meddle === undefined ? write(batch) : this.meddle(batch, write)),
      changeModel: (from, change) => {
        const apply: Change = () => session.changeModel(from, change);
        return this.meddleChange === undefined ? apply() : this.meddleChange(change, apply);
      },
      buildIndexes: (collection) => {
        this.indexed.push(collection);
        return session.buildIndexes(collection);
      },
    });
  }
}

/** The object with some of its methods replaced. */
function intercepted<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(object, name) {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const member: unknown = Reflect.get(object, name);
      return typeof member === 'function' ? (member.bind(object) as unknown) : member;
    },
  });
}
