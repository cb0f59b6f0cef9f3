import { Collection, Db } from 'mongodb';

type Method = 'updateOne' | 'insertOne' | 'deleteOne' | 'findOneAndUpdate' | 'bulkWrite';

export interface HeldCall {
  /** The call was made and waits. */
  readonly made: Promise<void>;
  /** Lets it through, now. */
  release(): void;
}

/** Holds the next call of a method of the driver back, as a slow network holds a request. */
export function holdNext(method: Method, collection: (name: string) => boolean): HeldCall {
  const original = Collection.prototype[method] as (this: Collection, ...rest: unknown[]) => Promise<unknown>;
  const gate = new Gate();
  const spy = jest.spyOn(Collection.prototype, method).mockImplementation(async function (
    this: Collection,
    ...rest: unknown[]
  ) {
    if (collection(this.collectionName) && gate.closes()) await gate.opened;
    return (await original.apply(this, rest)) as never;
  });
  void gate.opened.then(() => {
    spy.mockRestore();
  });
  return gate;
}

/** The like for the next drop of a collection. */
export function holdNextDrop(collection: (name: string) => boolean): HeldCall {
  const { dropCollection } = Db.prototype;
  const gate = new Gate();
  const spy = jest.spyOn(Db.prototype, 'dropCollection').mockImplementation(async function (this: Db, ...rest) {
    if (collection(rest[0]) && gate.closes()) await gate.opened;
    return dropCollection.apply(this, rest);
  });
  void gate.opened.then(() => {
    spy.mockRestore();
  });
  return gate;
}

class Gate implements HeldCall {
  readonly made: Promise<void>;
  readonly opened: Promise<void>;
  private make!: () => void;
  private open!: () => void;
  private used = false;

  constructor() {
    this.made = new Promise((resolve) => (this.make = resolve));
    this.opened = new Promise((resolve) => (this.open = resolve));
  }

  /** Whether this call is the one to hold: the first. */
  closes(): boolean {
    if (this.used) return false;
    this.used = true;
    this.make();
    return true;
  }

  release(): void {
    this.open();
  }
}
