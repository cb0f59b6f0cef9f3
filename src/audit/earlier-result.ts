import { repeatedMembersIn } from '../platform/repeated-members.js';

/** What is kept of an earlier verification: the log must still begin with the same events. */
export interface EarlierResult {
  /** Number of events. */
  readonly events: number;
  /** Root of the Merkle tree over them, in lower-case hexadecimal. */
  readonly root: string;
}

/** Whether the log still begins with the events of an earlier result. */
export interface Comparison extends EarlierResult {
  readonly contained: boolean;
  /** The difference, if the events are not contained. */
  readonly what?: string;
}

export const ROOT = /^[0-9a-f]{64}$/;

/**
 * Reads the output of `redress verify --json`.
 * @throws EarlierResultUnusable if the text is something else, or the result of a verification that found an error
 */
export function parseEarlierResult(text: string): EarlierResult {
  const { kind, ok, events, root } = parseObject(text);
  const isCount = typeof events === 'number' && Number.isSafeInteger(events) && events >= 0;
  if (kind !== 'result' || !isCount || typeof root !== 'string' || !ROOT.test(root))
    throw new EarlierResultUnusable(
      'is not an output of `redress verify --json`; keep one with: redress verify --json > FILE',
    );
  if (ok !== true)
    throw new EarlierResultUnusable('is the output of a verification that found an error; use one with "ok": true');
  return { events, root };
}

/** The text is no result with which a log can be compared. The message continues a sentence that begins with the file. */
export class EarlierResultUnusable extends Error {
  override readonly name = 'EarlierResultUnusable';
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null;
    return isObject && repeatedMembersIn(text, value).length === 0 ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Compares a log with an earlier result while the log is read. */
export class PrefixComparison {
  private rootThen: string | undefined;

  constructor(private readonly earlier: EarlierResult) {}

  /** To be called before the first event and after each event. */
  observe(tree: { readonly size: number; root(): string }): void {
    if (tree.size === this.earlier.events) this.rootThen = tree.root();
  }

  /** @param events number of events that were read @param isComplete false if verification stopped at an error */
  result(events: number, isComplete: boolean): Comparison {
    const { events: earlierEvents, root } = this.earlier;
    const what = this.difference(events, isComplete);
    return { events: earlierEvents, root, contained: what === undefined, ...(what !== undefined && { what }) };
  }

  private difference(events: number, isComplete: boolean): string | undefined {
    const { events: earlierEvents, root } = this.earlier;
    if (this.rootThen === root) return undefined;
    const counts = `${String(events)} of the ${String(earlierEvents)} events`;
    if (this.rootThen !== undefined)
      return (
        `the first ${String(earlierEvents)} events are not those of the earlier result: ` +
        `their root is now ${this.rootThen}, it was ${root}`
      );
    return isComplete
      ? `events are missing: the log has only ${counts} of the earlier result`
      : `not compared: verification stopped after ${counts} of the earlier result`;
  }
}
