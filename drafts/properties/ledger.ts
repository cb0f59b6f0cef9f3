import { earliest, latest, type Moment } from '../../src/platform/moment.js';

/*
 * An independent reading of a history, for the invariants: it sees the recorded events with their metadata, and uses
 * none of the code that it is compared with. A breach is a sentence that begins with the number of the invariant.
 */

export interface Fact {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: Moment;
  readonly recordedAt: string;
  readonly by: { readonly id: string; readonly role: string };
  /** The command that recorded the event. */
  readonly command: string;
}

interface Party {
  readonly id: string;
  readonly role: string;
  readonly actsFor: readonly string[];
  contacts: number;
  identity: 'none' | 'verified' | 'failed' | 'waived';
  authority: string;
  scope: readonly string[];
  withdrawn: boolean;
}

interface Money {
  readonly amount: number;
  readonly currency: string;
}

interface Measure {
  readonly amount?: Money;
  paid: number;
  state: 'open' | 'done' | 'waived';
}

interface Offer {
  readonly to: readonly string[] | undefined;
  readonly at: Moment;
  readonly needsAcceptance: boolean;
  readonly validUntil: Moment | undefined;
  readonly measures: Map<string, Measure>;
  accepted: Set<string>;
  state: 'waits' | 'owed' | 'rejected' | 'ended';
}

const TOLERANCE_MS = 2 * 60_000;
const DAY_MS = 86_400_000;
/** What a role may grant alone, in whole units. */
const LIMITS: Readonly<Record<string, number>> = {
  intake_officer: 300,
  handler: 1000,
  supervisor: 10_000,
  reviewer: Infinity,
};

export class Ledger {
  readonly breaches: string[] = [];
  private readonly parties = new Map<string, Party>();
  private readonly offers = new Map<string, Offer>();
  private readonly drafts = new Map<string, string>();
  private readonly payments = new Map<string, { at: Moment; offer?: string; measure?: string; money: Money }>();
  private readonly letters = new Map<string, Moment>();
  private readonly granted = new Map<string, number>();
  private readonly interests = new Map<string, boolean>();
  private readonly safety = {
    assessed: false,
    flagged: false,
    setters: new Set<string>(),
    settersOfPeriod: new Set<string>(),
    lastToChange: '',
  };
  private told = new Map<string, 'told' | 'undeliverable'>();
  private standingLetter: string | undefined;
  /** The first determination of the episode that was not returned, and the latest of our own. */
  private firstDecidedAt: Moment | undefined;
  private decidedAt: Moment | undefined;
  private respondedAt: Moment | undefined;
  private endedAt: Moment | undefined;
  private receivedAt: Moment | undefined;
  private waivedMoney = new Map<string, number>();

  constructor(private readonly digitsOf: (currency: string) => number = () => 2) {}

  /** Reads the next event. */
  read(fact: Fact): void {
    const { type, data, at, by } = fact;
    switch (type) {
      case 'ComplaintReceived':
        this.receivedAt = data.receivedAt as Moment;
        for (const party of data.parties as Party[]) this.addParty(party);
        for (const { subject } of data.points as { subject: { employeeId?: string } }[])
          if (subject.employeeId !== undefined) this.interests.set(key(subject.employeeId), true);
        break;
      case 'PartyAdded':
        this.addParty(data.party as Party);
        break;
      case 'ContactDetailsAdded':
        this.party(data.party).contacts += (data.contacts as unknown[]).length;
        break;
      case 'ContactDetailsRetired':
        this.party(data.party).contacts -= 1;
        break;
      case 'IdentityVerified':
        this.party(data.party).identity = 'verified';
        break;
      case 'IdentityVerificationFailed':
        this.party(data.party).identity = 'failed';
        break;
      case 'IdentityWaived':
        if (data.party !== undefined) this.party(data.party).identity = 'waived';
        break;
      case 'AuthorityVerified':
        Object.assign(this.party(data.party), {
          authority: 'verified',
          scope: (data.scope as string[] | undefined) ?? ['act', 'correspondence'],
        });
        break;
      case 'AuthorityRejected':
        Object.assign(this.party(data.party), { authority: 'rejected', scope: [] });
        break;
      case 'ConflictOfInterestDeclared':
        this.interests.set(key(data.person), true);
        break;
      case 'ConflictOfInterestWithdrawn':
        this.interests.set(key(data.person), false);
        break;
      case 'ComplaintAssigned':
        this.withoutInterest(data.handler, fact);
        break;
      case 'ComplaintReassigned':
        this.withoutInterest(data.to, fact);
        break;
      case 'SeverityAssessed':
        this.readSafety(fact, 'assessed', data.safetyCritical === true);
        break;
      case 'RiskFlagged':
        if (data.flag === 'safety') this.readSafety(fact, 'flagged', true);
        break;
      case 'RiskFlagCleared':
        if (data.flag === 'safety') this.readSafety(fact, 'flagged', false);
        break;
      case 'ComplaintDeclaredInadmissible':
        if (this.isSafetySet()) {
          this.expect('I16', by.id !== this.safety.lastToChange, fact, `${by.id} was the last to set or clear safety`);
          this.expect('I25', this.drafts.get(String(data.noticeId)) !== by.id, fact, 'the author approves');
        }
        this.letters.set(String(data.noticeId), at);
        this.end(at);
        break;
      case 'InadmissibilityDrafted':
        this.drafts.set(String(data.noticeId), by.id);
        break;
      case 'DeterminationMade':
        this.readDetermination(fact);
        break;
      case 'ReturnedToInvestigation':
        this.decidedAt = this.firstDecidedAt = undefined;
        break;
      case 'DeterminationReviewed':
        this.withoutInterest(by.id, fact);
        break;
      case 'RemedyDrafted':
      case 'InterimReliefDrafted':
      case 'MeasureWaiverDrafted':
        this.drafts.set(String(data.remedyId ?? data.reliefId ?? data.waiverId), by.id);
        if (type === 'MeasureWaiverDrafted') this.drafts.set(String(data.waiverId), by.id);
        break;
      case 'RemedyProposed':
        this.readOffer(fact);
        break;
      case 'RemedyAccepted':
      case 'RemedyRejected':
        this.readAnswer(fact);
        break;
      case 'RemedyOfferLapsed':
      case 'RemedyOfferWithdrawn': {
        const offer = this.offers.get(String(data.remedyId));
        if (offer?.state === 'waits') offer.state = 'ended';
        break;
      }
      case 'RemedyMeasureCompleted':
      case 'RemedyMeasureWaived':
        this.readMeasure(fact);
        break;
      case 'RedressPaid':
        this.readPayment(fact);
        break;
      case 'RedressReturned':
        this.readReturn(fact);
        break;
      case 'InterimReliefProvided':
        if (!this.approved(String(data.reliefId), fact)) this.grant(fact, data.amount as Money | undefined);
        break;
      case 'RemedyImplemented':
        if (data.whatWasDone !== undefined) this.grant(fact, data.money as Money | undefined);
        break;
      case 'FinalResponseSent':
        this.expect('I21', this.decidedAt === undefined || notBefore(at, this.decidedAt), fact, 'before the decision');
        this.letters.set(String(data.responseId), at);
        this.standingLetter = String(data.responseId);
        this.told.clear();
        this.respondedAt ??= at;
        for (const addressee of data.addressees as string[]) this.mayReceive(addressee, fact);
        break;
      case 'OutcomeCommunicated':
        this.readDelivery(fact, data.deliveredAt as Moment, 'told');
        break;
      case 'OutcomeUndeliverable':
        if (data.cause !== 'nobody') this.readDelivery(fact, at, 'undeliverable');
        break;
      case 'DeliveryContested':
        if (String(data.of) === this.standingLetter) this.told.delete(String(data.to));
        break;
      case 'FeedbackSubmitted':
      case 'FollowUpCompleted':
        if (this.respondedAt !== undefined)
          this.expect('I21', notBefore(at, this.respondedAt), fact, 'before the response');
        break;
      case 'ComplaintClosed':
        if (data.reason === 'handled') this.readClosing(fact);
        this.end(at);
        break;
      case 'ComplaintWithdrawn': {
        const { party } = data.statedBy as { party: string };
        this.mayAct(party, fact);
        for (const complainant of this.complainants())
          if (complainant.id === party || this.represents(party, complainant)) complainant.withdrawn = true;
        if (data.partial !== true && data.continuedOnOwnInitiative !== true) this.end(at);
        break;
      }
      case 'ComplaintReopened':
        this.readReopening(fact);
        break;
    }
  }

  private readSafety(fact: Fact, what: 'assessed' | 'flagged', set: boolean): void {
    const { safety } = this;
    const wasSet = this.isSafetySet();
    if (!set && safety[what])
      this.expect('I16', !safety.setters.has(fact.by.id), fact, `${fact.by.id} has set safety and lowers it`);
    if (set === safety[what]) return; // a person who repeats what stands neither sets nor clears it
    safety[what] = set;
    safety.lastToChange = fact.by.id;
    if (!set) return;
    safety.setters.add(fact.by.id);
    if (!wasSet) safety.settersOfPeriod.clear();
    safety.settersOfPeriod.add(fact.by.id);
  }

  private readDetermination(fact: Fact): void {
    const { data, at, by } = fact;
    const points = data.points as { outcome: string; reasons: string }[];
    for (const { reasons } of points) this.expect('I5', reasons.trim() !== '', fact, 'no reasons');
    if (data.decidedBy === undefined) {
      const isNotUpheld = points.some(({ outcome }) => outcome === 'not_upheld');
      this.expect('I5', !isNotUpheld || Boolean(data.recourse), fact, 'not upheld without recourse');
      this.withoutInterest(by.id, fact);
    }
    this.firstDecidedAt ??= at;
    if (data.decidedBy === undefined) this.decidedAt = at;
    this.standingLetter =
      fact.command === 'ResolveAtFirstContact' || fact.command === 'LodgeComplaint'
        ? String(data.determinationId)
        : undefined;
    this.letters.set(String(data.determinationId), at);
    this.told.clear();
  }

  private readOffer(fact: Fact): void {
    const { data, at } = fact;
    const measures = data.measures as { id: string; amount?: Money; owner: string; dueAt: Moment }[];
    this.offers.set(String(data.remedyId), {
      to: data.to as string[] | undefined,
      at,
      needsAcceptance: data.needsAcceptance === true,
      validUntil: data.validUntil as Moment | undefined,
      measures: new Map(
        measures.map(({ id, amount }) => [id, { ...(amount && { amount }), paid: 0, state: 'open' as const }]),
      ),
      accepted: new Set(),
      state: data.needsAcceptance === true ? 'waits' : 'owed',
    });
    for (const { owner } of measures) this.withoutInterest(owner, fact);
    if (data.orderedBy !== undefined || this.approved(String(data.remedyId), fact)) return;
    if (this.firstDecidedAt !== undefined)
      this.expect('I21', notBefore(at, this.firstDecidedAt), fact, 'before the decision');
    for (const { amount } of measures) this.grant(fact, amount);
  }

  private readAnswer(fact: Fact): void {
    const { data } = fact;
    const offer = this.offers.get(String(data.remedyId));
    const { party, at } = data.statedBy as { party: string; at: Moment };
    this.mayAct(party, fact);
    if (offer === undefined) return;
    this.expect('I21', notBefore(at, offer.at), fact, 'answered before it was made');
    if (offer.validUntil !== undefined)
      this.expect('I24', earliest(at) <= latest(offer.validUntil), fact, 'answered after its validity');
    if (fact.type === 'RemedyRejected') offer.state = 'rejected';
    else {
      for (const { id } of this.complainants())
        if (party === id || party === 'unidentified' || this.represents(party, this.party(id))) offer.accepted.add(id);
      const everyone = offer.to ?? this.complainants().map(({ id }) => id);
      if (offer.to === undefined || everyone.every((id) => offer.accepted.has(id))) offer.state = 'owed';
    }
  }

  private readMeasure(fact: Fact): void {
    const { type, data, at, by } = fact;
    const offer = this.offers.get(String(data.remedyId));
    const measure = offer?.measures.get(String(data.measureId));
    if (offer === undefined || measure === undefined) return;
    this.expect('I21', notBefore(at, offer.at), fact, 'before the offer');
    this.expect('I19', measure.state === 'open', fact, 'the measure is settled twice');
    if (type === 'RemedyMeasureCompleted') {
      this.expect('I23', offer.state === 'owed', fact, 'the measure is not owed');
      if (measure.amount !== undefined && fact.command === 'RecordRedressPayment')
        this.expect('I23', measure.paid === measure.amount.amount, fact, 'done without being paid in full');
    } else if (offer.needsAcceptance && offer.state === 'owed' && data.statedBy === undefined)
      this.expect('I25', this.drafts.get(String(data.waiverId)) !== by.id, fact, 'waived by one person');
    measure.state = type === 'RemedyMeasureCompleted' ? 'done' : 'waived';
  }

  private readPayment(fact: Fact): void {
    const { data, at } = fact;
    const money = data.money as Money;
    const payee = data.payee as string | undefined;
    const offer = this.offers.get(String(data.remedyId));
    const measure = offer?.measures.get(String(data.measureId));
    this.payments.set(String(data.paymentId), {
      at: (data.paidAt as Moment | undefined) ?? at,
      money,
      ...(offer && { offer: String(data.remedyId) }),
      ...(measure && { measure: String(data.measureId) }),
    });
    if (payee !== undefined && payee !== 'unidentified') this.mayBePaid(this.party(payee), money, fact);
    if (measure === undefined || data.exGratia === true) {
      this.expect('I23', data.exGratia === true, fact, 'neither owed nor ex gratia');
      if (data.remedyId === undefined) this.grant(fact, money);
      return;
    }
    measure.paid += money.amount;
    if (measure.amount === undefined) this.grant(fact, money);
    else {
      this.expect('I23', measure.amount.currency === money.currency, fact, 'another currency');
      this.expect('I23', measure.paid <= measure.amount.amount, fact, 'more than is owed');
    }
    this.expect('I21', offer === undefined || notBefore(at, offer.at), fact, 'paid before the offer');
  }

  private readReturn(fact: Fact): void {
    const payment = this.payments.get(String(fact.data.paymentId));
    this.expect('I19', payment !== undefined, fact, 'no payment stands');
    if (payment === undefined) return;
    this.payments.delete(String(fact.data.paymentId));
    this.expect('I21', notBefore(fact.at, payment.at), fact, 'returned before it was paid');
    const measure = this.offers.get(payment.offer ?? '')?.measures.get(payment.measure ?? '');
    if (measure !== undefined) {
      measure.paid -= payment.money.amount;
      measure.state = 'open';
    }
  }

  private readDelivery(fact: Fact, at: Moment, result: 'told' | 'undeliverable'): void {
    const of = String(fact.data.of);
    const sent = this.letters.get(of);
    if (sent !== undefined && result === 'told') this.expect('I21', notBefore(at, sent), fact, 'before the letter');
    if (of !== this.standingLetter) return;
    const to = fact.data.to as string | undefined;
    for (const id of to === undefined ? this.complainants().map((party) => party.id) : [to])
      if (this.told.get(id) !== 'told') this.told.set(id, result);
  }

  private readClosing(fact: Fact): void {
    const waiting = [...this.offers].filter(([, { state }]) => state === 'waits');
    this.expect('T17', waiting.length === 0, fact, 'an offer waits');
    const owed = [...this.offers.values()].some(
      ({ state, measures }) => state === 'owed' && [...measures.values()].some((measure) => measure.state === 'open'),
    );
    this.expect('T17', !owed, fact, 'something is owed');
    for (const complainant of this.complainants()) {
      if (complainant.contacts === 0 || complainant.identity === 'failed' || complainant.withdrawn) continue;
      const inTheirPlace = [...this.parties.values()].filter((party) =>
        this.represents(party.id, complainant, 'correspondence'),
      );
      const isTold = [complainant, ...inTheirPlace].some(({ id }) => this.told.has(id));
      this.expect('I4', isTold, fact, `${complainant.id} was not told`);
    }
  }

  private readReopening(fact: Fact): void {
    const { data, at, by } = fact;
    const kind = String(data.kind);
    const asked = (data.statedBy as { at: Moment } | undefined)?.at ?? (data.requestedAt as Moment | undefined) ?? at;
    const needsNoWindow = ['own_error', 'own_procedure', 'external_decision'].includes(kind);
    if (this.endedAt !== undefined) {
      this.expect('I21', notBefore(at, this.endedAt), fact, 'before the end');
      const isInWindow = time(earliest(asked)) <= time(latest(this.endedAt)) + 90 * DAY_MS + TOLERANCE_MS;
      this.expect('I24', needsNoWindow || isInWindow || by.role === 'supervisor', fact, 'after the window');
    }
    for (const party of this.parties.values()) {
      party.withdrawn = false;
      if (party.identity !== 'verified') party.identity = 'none'; // only a verified identity carries over
    }
    this.safety.setters = new Set(this.isSafetySet() ? this.safety.settersOfPeriod : []);
    this.endedAt = undefined;
    this.decidedAt = this.firstDecidedAt = undefined;
    this.standingLetter = undefined;
    this.told = new Map();
  }

  private end(at: Moment): void {
    this.endedAt = at;
    if (this.receivedAt !== undefined && time(latest(at)) < time(earliest(this.receivedAt)) - TOLERANCE_MS)
      this.breaches.push('I21: an end before the receipt');
    for (const offer of this.offers.values()) if (offer.state === 'waits') offer.state = 'ended';
    this.drafts.clear();
  }

  private grant(fact: Fact, money: Money | undefined): void {
    if (money === undefined) return;
    const { by } = fact;
    const account = `${by.id} ${money.currency}`;
    const sum = (this.granted.get(account) ?? 0) + money.amount / 10 ** this.digitsOf(money.currency);
    this.granted.set(account, sum);
    this.expect('I14', sum <= (LIMITS[by.role] ?? 0), fact, `${by.id} grants ${sum} ${money.currency} alone`);
  }

  /** True if the event makes a draft real; the person must be another. */
  private approved(draftId: string, fact: Fact): boolean {
    const author = this.drafts.get(draftId);
    if (author === undefined) return false;
    this.expect('I25', author !== fact.by.id, fact, `${author} approves their own draft`);
    this.drafts.delete(draftId);
    return true;
  }

  private mayAct(id: string, fact: Fact): void {
    if (id === 'unidentified')
      return this.expect('I22', this.parties.size === 0, fact, 'unidentified, but there are parties');
    const party = this.party(id);
    this.expect('I22', party.identity !== 'failed', fact, `the identity of ${id} failed`);
    this.expect('I22', isComplainant(party) || hasScope(party, 'act'), fact, `${id} has no authority to act`);
  }

  private mayReceive(id: string, fact: Fact): void {
    if (id === 'unidentified') return;
    const party = this.party(id);
    this.expect('I22', party.identity !== 'failed', fact, `the identity of ${id} failed, and a letter goes to them`);
    this.expect(
      'I22',
      isComplainant(party) || hasScope(party, 'correspondence'),
      fact,
      `${id} has no authority for letters`,
    );
  }

  private mayBePaid(party: Party, money: Money, fact: Fact): void {
    this.expect('I23', isComplainant(party) || hasScope(party, 'money'), fact, `${party.id} may not be paid`);
    if (party.identity === 'verified') return;
    this.expect('I23', party.identity === 'waived', fact, `the identity of ${party.id} is not verified`);
    const sum = (this.waivedMoney.get(money.currency) ?? 0) + money.amount / 10 ** this.digitsOf(money.currency);
    this.waivedMoney.set(money.currency, sum);
    this.expect('I23', sum <= 500, fact, `${sum} ${money.currency} without a verified identity`);
  }

  private withoutInterest(person: unknown, fact: Fact): void {
    if (person === undefined) return;
    this.expect('I6', this.interests.get(key(person)) !== true, fact, `${String(person)} has an interest`);
  }

  private expect(invariant: string, holds: boolean, { type, recordedAt }: Fact, what: string): void {
    if (!holds) this.breaches.push(`${invariant}: ${type} at ${recordedAt}: ${what}`);
  }

  private addParty(party: Party & { contacts?: unknown }): void {
    this.parties.set(party.id, {
      id: party.id,
      role: party.role,
      actsFor: party.actsFor ?? [],
      contacts: Array.isArray(party.contacts) ? party.contacts.length : 0,
      identity: 'none',
      authority: party.authority,
      scope: [],
      withdrawn: false,
    });
    const { employeeId } = party as unknown as { employeeId?: string };
    if (employeeId !== undefined) this.interests.set(key(employeeId), true);
  }

  private party(id: unknown): Party {
    const party = this.parties.get(String(id));
    if (party !== undefined) return party;
    this.breaches.push(`there is no party ${String(id)}`);
    return {
      id: String(id),
      role: 'complainant',
      actsFor: [],
      contacts: 0,
      identity: 'none',
      authority: 'none',
      scope: [],
      withdrawn: false,
    };
  }

  private complainants(): Party[] {
    return [...this.parties.values()].filter(isComplainant);
  }

  private represents(id: string, complainant: Party, scope = 'act'): boolean {
    const party = this.parties.get(id);
    if (party === undefined || !hasScope(party, scope) || party.identity === 'failed') return false;
    return party.actsFor.length === 0 || party.actsFor.includes(complainant.id);
  }

  private isSafetySet(): boolean {
    return this.safety.assessed || this.safety.flagged;
  }
}

const isComplainant = ({ role }: Party): boolean => role === 'complainant' || role === 'co_complainant';
const hasScope = ({ authority, scope }: Party, wanted: string): boolean =>
  authority === 'verified' && scope.includes(wanted);
const key = (person: unknown): string => String(person).normalize('NFKC').toLowerCase();
const time = (at: string): number => Date.parse(at);

/** False if the moment is certainly before the other by more than the tolerance. */
const notBefore = (moment: Moment, other: Moment): boolean =>
  time(latest(moment)) >= time(earliest(other)) - TOLERANCE_MS;
