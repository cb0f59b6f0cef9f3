import { speaksFor } from './addressees.js';
import { mayAct } from './authority.js';
import type { ApproveWaiver, WaiveMeasure } from './commands/remedies.js';
import type { Complaint } from './complaint.js';
import {
  nothingToChange,
  withoutUndefined,
  rejectionOf,
  unmet,
  type Context,
  type Decider,
  type Guard,
  type Unmet,
} from './decision.js';
import { approvableDraftExists, approvalProblems, letThroughBy, nextRedressId, unknownDraft } from './drafts.js';
import { MeasureWaiverDrafted, RemedyImplemented, RemedyMeasureWaived, RemedyOfferWithdrawn } from './events.js';
import { conflictOfInterest, received, withoutConflictOfInterest } from './guards.js';
import { letterEvents, letterProblems } from './letters.js';
import { hasOwedMeasure, locate, notOwed, owedSince } from './measures.js';
import { beforeWhatItAnswers } from './order.js';
import { owedTo } from './payees.js';
import { unknownPerson } from './people.js';
import { letThrough } from './policy-refs.js';
import { isAwaitingAnswer } from './progress.js';
import type { MeasureFile, Remedy } from './state-types.js';
import type { StatedBy } from './terms/facts.js';

/** Waivers of measures (T13). */

const waivableMeasureExists: Guard = (complaint, context) =>
  complaint.remedies.some(isAwaitingAnswer) ? undefined : hasOwedMeasure(complaint, context);

/**
 * Everybody to whom a measure is owed can waive it. Without their statements, an accepted measure is waived by two
 * people, and a letter tells it; another measure by one responsible person.
 */
export const waiveMeasure = {
  guards: [received, withoutConflictOfInterest, waivableMeasureExists],
  decide: (command, complaint, context) => {
    const { remedyId, measureId, reason, responsible, statedBy = [], addressees, channel } = command;
    const located = locate(complaint, remedyId, measureId);
    if ('unmet' in located) return located;
    const { remedy, measure } = located;
    const isStated = statedBy.length > 0;
    const rejection = rejectionOf(
      waiverProblems(remedy, measure, context, '/measureId'),
      unknownPerson(responsible, context, '/responsible'),
      conflictOfInterest(complaint, responsible, '/responsible'),
      isStated ? statementProblems(remedy, complaint, statedBy, context) : letterOfWaiver(command, complaint, context),
    );
    if (rejection) return rejection;
    const waiverId = nextRedressId('w', complaint);
    const letter = isStated ? undefined : { addressees: addressees ?? [], channel };
    const waiver = withoutUndefined({ waiverId, remedyId, measureId, reason, responsible, ...letter });
    const needsTwo = !isStated && remedy.answered !== undefined;
    if (needsTwo && context.reference.house.waiverByTwo) return [MeasureWaiverDrafted(waiver)];
    const waived = RemedyMeasureWaived({ ...waiver, ...(isStated && { statedBy }) });
    return [
      letThrough(waived, context, ...(needsTwo ? (['waiverByTwo'] as const) : [])),
      ...(letter === undefined ? [] : letterEvents(waiverId, letter, context)),
      ...afterWaiver(remedy, waiver, isStated),
    ];
  },
} satisfies Decider<WaiveMeasure>;

export const approveWaiver = {
  guards: [received, withoutConflictOfInterest, approvableDraftExists('waiver')],
  decide: ({ waiverId }, complaint, context) => {
    const drafted = complaint.measureWaivers.find((candidate) => candidate.waiverId === waiverId);
    if (drafted?.status !== 'Drafted') return { unmet: [unknownDraft(waiverId, '/waiverId')] };
    const { remedyId, measureId, reason, responsible, addressees = [], channel, by, at } = drafted;
    const located = locate(complaint, remedyId, measureId);
    if ('unmet' in located) return located;
    const { remedy, measure } = located;
    const draft = { kind: 'waiver', by, amounts: [] } as const;
    const rejection = rejectionOf(
      waiverProblems(remedy, measure, context, '/waiverId'),
      approvalProblems(draft, context, '/waiverId'),
      conflictOfInterest(complaint, responsible, '/waiverId'),
      letterProblems(complaint, { addressees, channel }, context, { pointer: '/waiverId' }),
      beforeWhatItAnswers(context.occurredAt, { event: 'MeasureWaiverDrafted', at }, context, '/occurredAt'),
    );
    const waiver = withoutUndefined({ waiverId, remedyId, measureId, reason, responsible, addressees, channel });
    return (
      rejection ?? [
        letThrough(RemedyMeasureWaived(waiver), context, ...letThroughBy(draft, context)),
        ...letterEvents(waiverId, { addressees, channel }, context),
        ...afterWaiver(remedy, waiver, false),
      ]
    );
  },
} satisfies Decider<ApproveWaiver>;

function waiverProblems(remedy: Remedy, { id, status }: MeasureFile, context: Context, pointer: string): Unmet[] {
  return [
    status === 'Waived' ? nothingToChange(`measure ${id} is already waived`, pointer) : [],
    status === 'Done' ? unmet('measure_done', `measure ${id} is done and cannot be waived`, pointer) : [],
    status === 'Open' && !isAwaitingAnswer(remedy) ? (notOwed(remedy) ?? []) : [],
    beforeWhatItAnswers(context.occurredAt, owedSince(remedy), context, '/occurredAt') ?? [],
  ].flat();
}

/** The statements come from everybody to whom the measure is owed, after they accepted it or it was offered (I21, I22). */
function statementProblems(
  remedy: Remedy,
  complaint: Complaint,
  statements: readonly StatedBy[],
  context: Context,
): Unmet[] {
  const spokenFor = statements.flatMap(({ party }) => speaksFor(complaint, party));
  const missing = (owedTo(complaint, remedy.to) ?? []).filter((id) => !spokenFor.includes(id));
  return [
    ...statements.flatMap((statement, index) => [
      ...mayAct(complaint, statement, 'act', context, { pointer: `/statedBy/${index}` }),
      ...[beforeWhatItAnswers(statement.at, owedSince(remedy), context, `/statedBy/${index}/at`) ?? []].flat(),
    ]),
    ...(missing.length > 0
      ? [
          unmet(
            'statement_missing',
            `these complainants have not waived the measure: ${missing.join(', ')}; add their statements, or omit \`statedBy\` and name the addressees of a letter`,
            '/statedBy',
          ),
        ]
      : []),
  ];
}

function letterOfWaiver({ addressees, channel }: WaiveMeasure, complaint: Complaint, context: Context): Unmet[] {
  return [
    ...letterProblems(complaint, { addressees: addressees ?? [], channel }, context),
    ...(addressees !== undefined && addressees.length > 0 && channel === undefined
      ? [unmet('channel_missing', 'the letter has no channel; give `channel`', '/channel')]
      : []),
  ];
}

/**
 * What follows the waiver of the last open measure: an offer that still waits is withdrawn, and a remedy of which
 * another measure was done is implemented.
 */
function afterWaiver(
  remedy: Remedy,
  { waiverId, measureId, reason }: { readonly waiverId: string; readonly measureId: string; readonly reason: string },
  isStated: boolean,
) {
  const { remedyId } = remedy;
  const others = remedy.measures.filter(({ id }) => id !== measureId);
  if (others.some(({ status }) => status === 'Open')) return [];
  if (isAwaitingAnswer(remedy))
    return [RemedyOfferWithdrawn({ remedyId, reason, ...(!isStated && { noticeId: waiverId }) })];
  return others.some(({ status }) => status === 'Done') ? [RemedyImplemented({ remedyId })] : [];
}
