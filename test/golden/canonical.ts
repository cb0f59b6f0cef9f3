/** JSON as the recorded files hold it: keys in order, two spaces, so that a diff shows what differs and nothing else. */
export const pretty = (value: unknown): string => `${JSON.stringify(sorted(value), undefined, 2)}\n`;

/** The same on one line. */
export const compact = (value: unknown): string => JSON.stringify(sorted(value));

/** Errors without their sentences: clients rely on codes, and sentences may become clearer. */
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
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
