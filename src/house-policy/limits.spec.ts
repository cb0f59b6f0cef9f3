import { identityWaiverLimitOf, limitOf } from './limits.js';
import { DEFAULT_HOUSE_RULES, type RoleLimit } from './rules.js';

const withLimits = (...limits: RoleLimit[]) => ({ limits });

describe('I14: the limit of a person', () => {
  test.each([
    ['intake_officer', 30_000],
    ['handler', 100_000],
    ['supervisor', 1_000_000],
    ['reviewer', Number.POSITIVE_INFINITY],
    ['analyst', 0],
  ] as const)('by default is that of the role %s: %d cents', (role, cents) => {
    expect(limitOf({ role }, 'USD', DEFAULT_HOUSE_RULES)).toBe(cents);
  });

  test.each([
    ['JPY', 1000],
    ['KWD', 1_000_000],
  ])('is in whole units of the currency: 1000 %s are %d minor units', (currency, minorUnits) => {
    expect(limitOf({ role: 'handler' }, currency, DEFAULT_HOUSE_RULES)).toBe(minorUnits);
  });

  test('is that of the currency, if it has one of its own', () => {
    const house = withLimits({ role: 'handler', amount: 1000 }, { role: 'handler', currency: 'JPY', amount: 150_000 });
    expect(limitOf({ role: 'handler' }, 'JPY', house)).toBe(150_000);
    expect(limitOf({ role: 'handler' }, 'EUR', house)).toBe(100_000);
  });

  test('is the greatest of the limits of several roles', () => {
    expect(limitOf({ roles: ['intake_officer', 'supervisor', 'analyst'] }, 'USD', DEFAULT_HOUSE_RULES)).toBe(1_000_000);
  });

  test('is nothing without a role and in an unknown currency', () => {
    expect(limitOf({ roles: [] }, 'USD', DEFAULT_HOUSE_RULES)).toBe(0);
    expect(limitOf({ role: 'supervisor' }, 'ZZZ', DEFAULT_HOUSE_RULES)).toBe(0);
  });
});

test('I23: the limit without a verified identity is 500 whole units by default', () => {
  expect(identityWaiverLimitOf('USD', DEFAULT_HOUSE_RULES)).toBe(50_000);
  expect(identityWaiverLimitOf('JPY', DEFAULT_HOUSE_RULES)).toBe(500);
});
