import { isRejection } from '../command/decision.js';
import type { Recorded } from '../eventstore/envelope.js';
import { instant } from '../platform/moment.js';
import { currentCode } from './code-lists.js';
import { PublishTaxonomy, type CodeOfList } from './commands.js';
import type { TaxonomyEvent } from './events.js';
import { evolveTaxonomy, publishTaxonomy, type TaxonomyState } from './taxonomy.js';

const NOW = '2026-11-10T12:00:00.000Z';
const context = {
  now: NOW,
  occurredAt: instant(NOW),
  actor: { type: 'person', id: 'supervisor-1', role: 'supervisor' } as const,
};
const issues = (...codes: CodeOfList[]): PublishTaxonomy =>
  Object.assign(new PublishTaxonomy(), { lists: [{ name: 'issue', codes }] });

/** The state after the command, or the codes of its refusal. */
function after(state: TaxonomyState, command: PublishTaxonomy): TaxonomyState | string[] {
  const decision = publishTaxonomy.decide(command, state, context);
  if (isRejection(decision)) return decision.unmet.map(({ code }) => code);
  return decision.reduce((before, { data }) => evolveTaxonomy(before, { data } as Recorded<TaxonomyEvent>), state);
}
function published(...commands: PublishTaxonomy[]): TaxonomyState {
  return commands.reduce<TaxonomyState>(
    (state, command) => {
      const next = after(state, command);
      if (Array.isArray(next)) throw new Error(next.join());
      return next;
    },
    { versions: [] },
  );
}

const renamed = published(
  issues({ code: 'bar' }, { code: 'pool' }),
  issues({ code: 'minibar', replaces: ['bar'] }, { code: 'pool' }),
  issues({ code: 'room_service', replaces: ['minibar'] }, { code: 'pool' }),
);

describe('a code of an earlier version', () => {
  test('is read as the code that replaces it, through all later versions', () => {
    expect(renamed.versions.map(({ version }) => version)).toEqual([2, 3, 4]);
    expect(currentCode(renamed.versions, 'issue', 'bar', 1)).toBe('room_service');
    expect(currentCode(renamed.versions, 'issue', 'minibar', 3)).toBe('room_service');
  });

  test('stays as it is if no later version replaces it', () => {
    expect(currentCode(renamed.versions, 'issue', 'pool', 1)).toBe('pool');
    expect(currentCode(renamed.versions, 'issue', 'bar', 4)).toBe('bar');
    expect(currentCode(renamed.versions, 'product', 'bar', 1)).toBe('bar');
  });
});

test('a version lists each code once, and replaces no code that it lists', () => {
  expect(after(renamed, issues({ code: 'a' }, { code: 'a' }))).toEqual(['given_twice']);
  expect(after(renamed, issues({ code: 'a', replaces: ['b'] }, { code: 'b' }))).toEqual(['code_still_listed']);
  expect(after(renamed, issues({ code: 'a', replaces: ['x'] }, { code: 'b', replaces: ['x'] }))).toEqual([
    'given_twice',
    'given_twice',
  ]);
});

test('a version that changes nothing is refused, and so is one that takes effect in the past', () => {
  const same = issues({ code: 'pool' }, { code: 'room_service', replaces: ['minibar'] });
  expect(after(published(same), same)).toEqual(['nothing_to_change']);
  const effectiveFrom = instant('2026-11-10T11:59:59.999Z');
  expect(after(renamed, Object.assign(issues({ code: 'a' }), { effectiveFrom }))).toEqual(['effective_in_past']);
});
