import type { Recorded } from './envelope.js';

/** What is kept of a recorded command, to repeat its result. */
export interface RecordedCommand {
  readonly digest: string;
  /** Revision of its last event. */
  readonly revision: number;
  readonly position: string;
  /** Types of its events. */
  readonly events: readonly string[];
}

interface Entry extends RecordedCommand {
  /** The entry as older versions see it, where the events of the command were added in several steps. */
  readonly before?: Entry;
}

/** State shared by the versions of one history. */
interface Index {
  readonly entries: Map<string, Entry>;
  /** Revision of the last event added. */
  last: number;
}

/**
 * The commands of a stream up to a revision. Immutable to readers: versions of one history share an index, and only the
 * newest version adds to it, so that adding has constant cost; older versions ignore entries beyond their own revision.
 * A version that is no longer the newest copies the index before it adds.
 */
export class KnownCommands {
  private constructor(
    private readonly index: Index,
    private readonly revision: number,
  ) {}

  /** For a stream without events. */
  static none(): KnownCommands {
    return new KnownCommands({ entries: new Map(), last: -1 }, -1);
  }

  get(commandId: string): RecordedCommand | undefined {
    return this.visible(this.index.entries.get(commandId));
  }

  /** The command that created the stream. */
  get first(): RecordedCommand | undefined {
    return this.visible(this.index.entries.values().next().value);
  }

  /** In the order of their first events. */
  *ids(): Generator<string> {
    for (const [id, entry] of this.index.entries) if (this.visible(entry) !== undefined) yield id;
  }

  /** These commands and those of the following events. */
  with(events: readonly Recorded[]): KnownCommands {
    const last = events.at(-1);
    if (last === undefined) return this;
    const index = this.index.last === this.revision ? this.index : this.copy();
    for (const { type, revision, position, metadata } of events) {
      const known = index.entries.get(metadata.commandId);
      const before = known !== undefined && known.revision > this.revision ? known.before : known;
      index.entries.set(metadata.commandId, {
        digest: metadata.commandDigest,
        revision,
        position,
        events: [...(known?.events ?? []), type],
        ...(before !== undefined && { before }),
      });
    }
    index.last = last.revision;
    return new KnownCommands(index, last.revision);
  }

  private visible(entry: Entry | undefined): Entry | undefined {
    while (entry !== undefined && entry.revision > this.revision) entry = entry.before;
    return entry;
  }

  private copy(): Index {
    const entries = new Map<string, Entry>();
    for (const [id, newest] of this.index.entries) {
      const entry = this.visible(newest);
      if (entry !== undefined) entries.set(id, entry);
    }
    return { entries, last: this.revision };
  }
}
