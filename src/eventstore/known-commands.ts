import type { Recorded } from './envelope.js';

/** What the service needs of a recorded command to return the same result for a repetition. */
export interface RecordedCommand {
  readonly digest: string;
  /** Revision and position of its last event. */
  readonly revision: number;
  readonly position: string;
  /** Types of its events, in order. */
  readonly events: readonly string[];
}

interface Entry extends RecordedCommand {
  /** The entry that older versions of {@link KnownCommands} return; absent if they do not contain the command. */
  readonly previous?: Entry;
}

/** State that several versions of {@link KnownCommands} share. */
interface Index {
  /** By command id, in the order of their first events. */
  readonly entries: Map<string, Entry>;
  /** Revision of the last event added. */
  last: number;
}

/**
 * The commands of a stream up to a revision. Immutable for its users: adding events returns a new version. The versions of
 * one history share an index, so that adding has constant cost: only the newest version adds to it, and older versions
 * ignore entries after their revision. A version that is not the newest copies the index before it adds.
 */
export class KnownCommands {
  private constructor(
    private readonly index: Index,
    private readonly revision: number,
  ) {}

  /** The commands of a stream without events. */
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

  /** The command ids in the order of their first events. */
  *ids(): Generator<string> {
    for (const [id, entry] of this.index.entries) if (this.visible(entry) !== undefined) yield id;
  }

  /** A new version with the commands of the events that follow in the stream. */
  with(events: readonly Recorded[]): KnownCommands {
    const last = events.at(-1);
    if (last === undefined) return this;
    const index = this.index.last === this.revision ? this.index : this.copy();
    for (const { type, revision, position, metadata } of events) {
      const known = index.entries.get(metadata.commandId);
      // `previous` is for older versions, so it never is an entry that this call has added
      const previous = known !== undefined && known.revision > this.revision ? known.previous : known;
      index.entries.set(metadata.commandId, {
        digest: metadata.commandDigest,
        revision,
        position,
        events: [...(known?.events ?? []), type],
        ...(previous !== undefined && { previous }),
      });
    }
    index.last = last.revision;
    return new KnownCommands(index, last.revision);
  }

  /** The entry up to the revision of this version. */
  private visible(entry: Entry | undefined): Entry | undefined {
    while (entry !== undefined && entry.revision > this.revision) entry = entry.previous;
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
