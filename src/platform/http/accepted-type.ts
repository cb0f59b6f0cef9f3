/**
 * The first of the media types that the header Accept gives the highest weight (RFC 9110, section 12.5.1); undefined if it
 * excludes all of them. Without the header every type is accepted.
 */
export function acceptedType<Type extends string>(
  accept: string | undefined,
  offered: readonly Type[],
): Type | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0];
  const ranges = accept.split(',').map(rangeOf);
  let best: { readonly type: Type; readonly weight: number } | undefined;
  for (const type of offered) {
    const weight = weightOf(type, ranges);
    if (weight > (best?.weight ?? 0)) best = { type, weight };
  }
  return best?.type;
}

interface MediaRange {
  /** Such as `text/csv`, `text/*` or `*` + `/*`. */
  readonly range: string;
  /** From 0 (excluded) to 1. */
  readonly weight: number;
}

function rangeOf(text: string): MediaRange {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length);
  return { range, weight: weight === undefined ? 1 : Number(weight) || 0 };
}

/** The weight of the most specific range that matches; 0 if none matches. */
function weightOf(type: string, ranges: readonly MediaRange[]): number {
  const [kind = ''] = type.split('/');
  for (const candidate of [type, `${kind}/*`, '*/*']) {
    const match = ranges.find(({ range }) => range === candidate);
    if (match !== undefined) return match.weight;
  }
  return 0;
}
