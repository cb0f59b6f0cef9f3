/** A value that JSON can represent without loss. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type JsonObject = { readonly [key: string]: Json };

/** Deep equality of JSON values, regardless of the order of members; undefined equals absent. */
export function isEqualJson(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const first = new Map<string, unknown>(Object.entries(one));
  const second = new Map<string, unknown>(Object.entries(other));
  return [...new Set([...first.keys(), ...second.keys()])].every((key) => isEqualJson(first.get(key), second.get(key)));
}

/** The value at a JSON pointer whose steps have no escapes; undefined if there is none. */
export function valueAt(json: unknown, pointer: string): unknown {
  let value = json;
  for (const step of pointer.split('/').slice(1))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  return value;
}
