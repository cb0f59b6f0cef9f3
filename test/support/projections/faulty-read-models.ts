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

/** The writes of a batch to all of its collections. */
export const writesOf = ({ changes }: WriteBatch): readonly ConditionalWrite[] =>
  changes.flatMap(({ writes }) => writes);

/** Read models in which a test can delay, change or reject the writes of the code under test. */
export class FaultyReadModels {
  /** If set, it is called instead of each write of a batch; `write` does the real write. */
  interceptWrite: ((batch: WriteBatch, write: Write) => Promise<WriteResult>) | undefined;
  /** If set, it is called instead of each change of the record of a model; `apply` does the real change. */
  interceptChange: ((change: Partial<ModelChange>, apply: Change) => Promise<ModelRecord>) | undefined;
  /** Batches with document changes that were written, in order. */
  readonly written: WriteBatch[] = [];
  /** Collections for which buildIndexes was called, in order. */
  readonly indexed: string[] = [];
  /** The read models for the code under test. */
  readonly port: ReadModels;
  private readonly folder = mkdtempSync(join(tmpdir(), 'redress-views-'));
  private readonly real: ReadModels;

  /** @param real the read models to use; default: embedded ones in a new folder */
  constructor(real?: ReadModels) {
    this.real = real ?? EmbeddedReadModels.open(join(this.folder, 'views.db'));
    this.port = withMethods(this.real, {
      openSession: async () => this.interceptedSession(await this.real.openSession()),
    });
  }

  /** Opens a new session that is not intercepted, for changes that the test itself makes. */
  session(): Promise<WriteSession> {
    return this.real.openSession();
  }

  /** Name of the live collection of a model; '' if there is none. */
  async live(name: string): Promise<string> {
    return (await this.port.loadModel(name))?.live ?? '';
  }

  /** Closes the read models and removes their folder. */
  async remove(): Promise<void> {
    await this.real.close();
    rmSync(this.folder, { recursive: true });
  }

  private interceptedSession(session: WriteSession): WriteSession {
    const write: Write = async (batch) => {
      const result = await session.write(batch);
      if (result.outcome === 'written' && batch.changes.length > 0) this.written.push(batch);
      return result;
    };
    return withMethods(session, {
      write: (batch) => (this.interceptWrite === undefined ? write(batch) : this.interceptWrite(batch, write)),
      changeModel: (from, change) => {
        const apply: Change = () => session.changeModel(from, change);
        return this.interceptChange === undefined ? apply() : this.interceptChange(change, apply);
      },
      buildIndexes: (collection) => {
        this.indexed.push(collection);
        return session.buildIndexes(collection);
      },
    });
  }
}

/** The object with some of its methods replaced. */
function withMethods<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(object, name) {
      const replacement: unknown = Reflect.get(methods, name);
      if (replacement !== undefined) return replacement;
      const member: unknown = Reflect.get(object, name);
      return typeof member === 'function' ? (member.bind(object) as unknown) : member;
    },
  });
}
