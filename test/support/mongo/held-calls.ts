import { Collection, Db } from 'mongodb';

type Method = 'updateOne' | 'insertOne' | 'deleteOne' | 'findOneAndUpdate' | 'bulkWrite';

/** A call of the driver that is held back before it is sent. */
export interface HeldCall {
  /** Resolves when the call is made; the call then waits for `release`. */
  readonly called: Promise<void>;
  /** Lets the call continue. */
  release(): void;
}

/**
 * Holds back the next call of a method of the driver on a collection whose name matches, as a slow network delays a
 * request. Later calls are not held.
 */
export function holdNext(method: Method, matches: (collection: string) => boolean): HeldCall {
  const original = Collection.prototype[method] as (this: Collection, ...values: unknown[]) => Promise<unknown>;
  const gate = new Gate();
  const spy = jest.spyOn(Collection.prototype, method).mockImplementation(async function (
    this: Collection,
    ...values: unknown[]
  ) {
    if (matches(this.collectionName) && gate.registerCall()) await gate.released;
    return (await original.apply(this, values)) as never;
  });
  void gate.released.then(() => {
    spy.mockRestore();
  });
  return gate;
}

/** Holds back the next drop of a collection whose name matches. */
export function holdNextDrop(matches: (collection: string) => boolean): HeldCall {
  const { dropCollection } = Db.prototype;
  const gate = new Gate();
  const spy = jest.spyOn(Db.prototype, 'dropCollection').mockImplementation(async function (this: Db, ...values) {
    if (matches(values[0]) && gate.registerCall()) await gate.released;
    return dropCollection.apply(this, values);
  });
  void gate.released.then(() => {
    spy.mockRestore();
  });
  return gate;
}

class Gate implements HeldCall {
  readonly called: Promise<void>;
  readonly released: Promise<void>;
  private resolveCalled!: () => void;
  private resolveReleased!: () => void;
  private wasCalled = false;

  constructor() {
    this.called = new Promise((resolve) => (this.resolveCalled = resolve));
    this.released = new Promise((resolve) => (this.resolveReleased = resolve));
  }

  /** Registers a call. Returns true for the first one, which must wait for `released`; false for later ones. */
  registerCall(): boolean {
    if (this.wasCalled) return false;
    this.wasCalled = true;
    this.resolveCalled();
    return true;
  }

  release(): void {
    this.resolveReleased();
  }
}
