import { directoryOf, REFERENCE } from '../../test/support/directory.js';
import { fold, HANDLER, NOON, withMetadata } from '../../test/support/given.js';
import { received } from '../../test/support/complaint-history.js';
import { instant } from '../platform/moment.js';
import { FCA_RESPONSE_POLICY, HOUSE_RESPONSE_POLICY } from '../response-policy/response-policy.js';
import { ComplaintReopened, FinalResponseSent, NoteAdded, RemedyProposed, type ComplaintEvent } from './events.js';
import { letThrough, withPolicyRefs } from './policy-refs.js';

const house = { ...REFERENCE.house, version: 3 };
const reference = directoryOf(['handler-1'], {
  house,
  responsePolicies: [HOUSE_RESPONSE_POLICY, FCA_RESPONSE_POLICY],
});
const context = { now: NOON, occurredAt: instant(NOON), actor: HANDLER, reference };
const refsOf = (event: ComplaintEvent) =>
  withPolicyRefs([event], fold([received()]), context).flatMap(({ policyRefs }) => policyRefs ?? []);

const offer = RemedyProposed({ remedyId: 'r1', measures: [], needsAcceptance: true });
const letter = FinalResponseSent({
  responseId: 'f1',
  kind: 'reject',
  addressees: [],
  channel: 'letter',
  text: 'No.',
  recourse: 'The ombudsman',
});

describe('an event that rests on a rule of the house', () => {
  test('names the version in force', () => {
    expect(refsOf(ComplaintReopened({ episode: 2, kind: 'dissatisfied', reason: 'Cold again' }))).toEqual([
      { id: 'house-policy-house', version: 3 },
    ]);
    expect(refsOf(offer)).toEqual([{ id: 'house-policy-house', version: 3 }]);
  });

  test('a letter names the response policies too', () => {
    expect(refsOf(letter)).toEqual([
      { id: 'house-policy-house', version: 3 },
      { id: 'response-policy-house', version: 1 },
      { id: 'response-policy-fca', version: 1 },
    ]);
  });

  test('other events name no policy', () => {
    expect(refsOf(NoteAdded({ noteId: 'n1', text: 'Called.' }))).toEqual([]);
  });
});

describe('I25: an act that a rule let through because it is off', () => {
  const act = letThrough(offer, context, 'remedyByTwo');

  test('names the rule in its event', () => {
    expect(refsOf(act)).toEqual([{ id: 'house-policy-house', version: 3, off: ['remedyByTwo'] }]);
  });

  test('is listed in the complaint file', () => {
    const [event = act] = withPolicyRefs([act], fold([received()]), context);
    expect(fold([received(), withMetadata(event, { at: NOON })]).waivers).toEqual([
      { rule: 'remedyByTwo', version: 3, type: 'RemedyProposed', revision: 1, at: instant(NOON), by: HANDLER.id },
    ]);
  });

  test('without a rule that is off, nothing is listed', () => {
    expect(letThrough(offer, context)).toEqual(offer);
    expect(fold([received(), offer]).waivers).toEqual([]);
  });
});
