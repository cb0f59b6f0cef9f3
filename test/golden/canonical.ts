/** JSON of the recorded files, with sorted keys and an indent of two spaces, so that a diff shows only differences. */
export const pretty = (value: unknown): string => `${JSON.stringify(sorted(value), undefined, 2)}\n`;

/** JSON with sorted keys on one line. */
export const compact = (value: unknown): string => JSON.stringify(sorted(value));

/** A copy in which errors have no texts: clients rely on codes, and the texts may change. */
export function withoutSentences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSentences);
  if (typeof value !== 'object' || value === null) return value;
  const sentences = 'code' in value ? ['message', 'detail', ...('column' in value ? ['reason'] : [])] : [];
  const entries = Object.entries(value).filter(([key]) => !sentences.includes(key));
  return Object.fromEntries(entries.map(([key, member]) => [key, withoutSentences(member)]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
