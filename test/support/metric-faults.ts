/**
 * Faults of an exposition in the text format of Prometheus, by the rules of `promtool check metrics`: each metric has a
 * help text; counters end in `_total`, others do not; units are base units and not abbreviated; a name has neither its type
 * nor capital letters; and `_count`, `_sum` and `_bucket` belong to histograms and summaries.
 */
export function metricFaults(exposition: string): string[] {
  const helps = new Set<string>();
  const types = new Map<string, string>();
  for (const line of exposition.split('\n')) {
    const [, kind, name = '', text = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP' && text.trim() !== '') helps.add(name);
    if (kind === 'TYPE') types.set(name, text);
  }
  if (types.size === 0) return ['there are no metrics'];
  return [...types].flatMap(([name, type]) => {
    const words = name.split('_');
    const rules: readonly (readonly [boolean, string])[] = [
      [helps.has(name), 'has no help text'],
      [(type === 'counter') === (words.at(-1) === 'total'), 'must end in _total exactly if it is a counter'],
      [
        type === 'histogram' || type === 'summary' || !/_(count|sum|bucket)$/.test(name),
        'ends like a part of a histogram',
      ],
      [!words.some((word) => ['counter', 'gauge', 'histogram', 'summary'].includes(word)), 'has its type in its name'],
      [/^[a-z][a-z0-9_]*$/.test(name), 'is not in snake case'],
      [!words.some((word) => ABBREVIATED_UNITS.includes(word)), 'has an abbreviated unit'],
      [!words.some((word) => OTHER_UNITS.test(word)), 'has a unit that is not a base unit'],
    ];
    return rules.filter(([holds]) => !holds).map(([, fault]) => `${name} (${type}) ${fault}`);
  });
}

const ABBREVIATED_UNITS: readonly string[] = [
  's',
  'ms',
  'us',
  'ns',
  'sec',
  'b',
  'kb',
  'mb',
  'gb',
  'tb',
  'pb',
  'm',
  'h',
  'd',
];
const OTHER_UNITS =
  /^(milli|micro|nano|kilo|mega|giga|kibi|mebi|gibi)(second|byte|meter|gram)s?$|^(minutes?|hours?|days?|weeks?|bits?)$/;
