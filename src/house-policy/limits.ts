import type { Actor, Role } from '../access/actor.js';
import { minorUnitsPerUnit } from '../platform/currencies.js';
import type { CurrencyLimit, HouseRules } from './rules.js';

/** Somebody whose limit is asked for: an actor, who acts in one role, or a person of the directory. */
export type LimitHolder = { readonly role: Actor['role'] } | { readonly roles: readonly Role[] };

/**
 * The most that a person may grant alone, in minor units of the currency (I14). Infinity if it is unlimited; 0 for a
 * role without a limit and for an unknown currency. A person with several roles has the greatest of their limits.
 */
export function limitOf(holder: LimitHolder, currency: string, { limits }: Pick<HouseRules, 'limits'>): number {
  const roles = 'role' in holder ? [holder.role] : holder.roles;
  return Math.max(
    0,
    ...roles.map((role) => {
      const ofRole = limits.filter((limit) => limit.role === role);
      const limit = forCurrency(ofRole, currency);
      if (limit === undefined) return 0;
      return limit.amount === undefined ? Number.POSITIVE_INFINITY : inMinorUnits(limit.amount, currency);
    }),
  );
}

/** The most that may be paid in one complaint to a payee whose identity is waived, in minor units (I23). */
export function identityWaiverLimitOf(
  currency: string,
  { identityWaiverLimit }: Pick<HouseRules, 'identityWaiverLimit'>,
): number {
  const limit: CurrencyLimit | undefined = forCurrency(identityWaiverLimit, currency);
  return limit === undefined ? 0 : inMinorUnits(limit.amount, currency);
}

const forCurrency = <L extends { readonly currency?: string }>(limits: readonly L[], currency: string): L | undefined =>
  limits.find((limit) => limit.currency === currency) ?? limits.find((limit) => limit.currency === undefined);

const inMinorUnits = (amount: number, currency: string): number => amount * (minorUnitsPerUnit(currency) ?? 0);
