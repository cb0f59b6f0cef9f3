import type { FinishSplitOff, SplitOff } from './commands/parties.js';
import { initial, type Complaint } from './complaint.js';
import { rejectionOf, unmet, withoutUndefined, type Context, type Decider } from './decision.js';
import {
  ComplaintClassified,
  ComplaintReceived,
  EvidenceAdded,
  PointsSplitOff,
  RelatedComplaintLinked,
  RiskFlagged,
  SeverityAssessed,
} from './events.js';
import { countingPoints, inStage, received, usableContacts, withoutConflictOfInterest } from './guards.js';
import { splitOffIdOf } from './identity.js';
import { impliedAdmission } from './implied-admission.js';
import { undecidedPointProblem } from './points.js';
import { priorityAfter } from './priority.js';
import { referenceOf } from './reference.js';
import type { EvidenceFile, PartyFile, PointFile, SplitOffFile } from './state-types.js';
import type { Party, Point } from './terms/facts.js';
import { BEFORE_DETERMINATION, CATEGORIES, TAXONOMY_VERSION, type Category } from './terms/vocabulary.js';

/**
 * Splitting points off into a second file, such as a report of a violation beside a complaint (T27). The first command
 * decides it and is recorded in the first stream. The second file is then opened under an id and a command id that follow
 * from the first stream, and the link to it is recorded last: whatever is missing after a failure is done again.
 */
export const splitOff = {
  guards: [inStage(...BEFORE_DETERMINATION), withoutConflictOfInterest],
  decide: ({ pointIds, nature }, complaint) => {
    const staying = countingPoints(complaint).filter(({ id }) => !pointIds.includes(id));
    const rejection = rejectionOf(
      ...pointIds.map((id, index) => undecidedPointProblem(complaint, id, `/pointIds/${index}`)),
      ...pointIds.map((id, index) =>
        pointIds.indexOf(id) < index
          ? unmet('point_repeated', `point ${id} is listed twice; list each point once`, `/pointIds/${index}`)
          : undefined,
      ),
      staying.length === 0
        ? unmet(
            'no_point_stays',
            'no point would stay in this complaint; leave one, or use `classify` for the whole complaint',
            '/pointIds',
          )
        : undefined,
    );
    return rejection ?? [PointsSplitOff({ pointIds, nature, complaintId: splitOffIdOf(complaint.id, pointIds) })];
  },
} satisfies Decider<SplitOff>;

/** The files that were split off and are not linked yet. */
export const unfinishedSplitOffs = ({ splitOffs, related }: Complaint): SplitOffFile[] =>
  splitOffs.filter(
    ({ complaintId }) => !related.some((link) => link.relation === 'split_off' && link.complaintId === complaintId),
  );

/** Links the second file. The service opens it before this command is decided. */
export const finishSplitOff = {
  guards: [
    received,
    (complaint) =>
      unfinishedSplitOffs(complaint).length === 0
        ? unmet('no_split_off', 'every file that was split off is open and linked')
        : undefined,
  ],
  decide: ({ complaintId }, complaint) =>
    rejectionOf(
      unfinishedSplitOffs(complaint).some((file) => file.complaintId === complaintId)
        ? undefined
        : unmet('no_split_off', `no file ${complaintId} was split off that is not linked yet`, '/complaintId'),
    ) ?? [RelatedComplaintLinked({ complaintId, relation: 'split_off' })],
} satisfies Decider<FinishSplitOff>;

/**
 * The events that open the second file: the same words, parties and receipt, no sources, and copies of evidence, severity
 * and flags. The receipt is the same, so no due date gets better (I8).
 */
export function eventsOfSplitOff(origin: Complaint, { complaintId, pointIds, nature }: SplitOffFile, context: Context) {
  const points = origin.points.filter(({ id }) => pointIds.includes(id)).map(pointOf);
  const receipt = receiptOf(origin, complaintId, points);
  if (receipt === undefined) return [];
  const isAdmitted = nature !== 'spam' && nature !== 'not_addressed_to_us';
  const { severity } = origin;
  const assessed =
    severity === null
      ? []
      : [
          SeverityAssessed(
            withoutUndefined({
              severity: severity.severity,
              impactScope: severity.impactScope,
              safetyCritical: severity.safetyCritical,
              complexity: severity.complexity,
            }),
          ),
        ];
  const flags = origin.flags.flatMap(({ flag, reason, cleared }) =>
    cleared === undefined ? [RiskFlagged(withoutUndefined({ flag, reason }))] : [],
  );
  const classified = ComplaintClassified({ nature, points: categoriesOf(points), taxonomyVersion: TAXONOMY_VERSION });
  const copies = [
    ...origin.evidence.flatMap((item) => (concerns(item, pointIds) ? [evidenceOf(item, pointIds)] : [])),
    ...assessed,
    ...flags,
  ];
  return [
    receipt,
    ...(isAdmitted ? impliedAdmission(initial(complaintId)) : []),
    classified,
    ...copies,
    ...priorityAfter(initial(complaintId), copies, context),
    RelatedComplaintLinked({ complaintId: origin.id, relation: 'split_off' }),
  ];
}

function receiptOf({ id, lodged, receivedAt, parties }: Complaint, complaintId: string, points: readonly Point[]) {
  if (lodged === null || receivedAt === null) return undefined;
  const facts = {
    ...lodged.facts,
    reference: referenceOf(complaintId),
    receivedAt,
    sources: [],
    parties: parties.map(partyOf),
    points,
    splitFrom: id,
  };
  return { ...ComplaintReceived(facts), occurredAt: receivedAt };
}

const pointOf = ({ left: _left, ...point }: PointFile): Point => point;

/** The party without its checks and without retired contact details. */
function partyOf(file: PartyFile): Party {
  const { identity: _identity, authorityCheck: _check, contacts: _contacts, ...party } = file;
  const contacts = usableContacts(file).map(({ channel, address }) => ({ channel, address }));
  return contacts.length === 0 ? party : { ...party, contacts };
}

const isCategory = (category: string | undefined): category is Category =>
  CATEGORIES.some((known) => known === category);

const categoriesOf = (points: readonly Point[]): { id: string; category: Category }[] =>
  points.flatMap(({ id, category }) => (isCategory(category) ? [{ id, category }] : []));

/** True for evidence that is not excluded and concerns one of the points, or no point in particular. */
const concerns = ({ pointIds = [], excluded }: EvidenceFile, points: readonly string[]): boolean =>
  excluded === undefined && (pointIds.length === 0 || pointIds.some((id) => points.includes(id)));

function evidenceOf(item: EvidenceFile, points: readonly string[]) {
  const { at, by: _by, excluded: _excluded, pointIds, ...evidence } = item;
  const concerned = pointIds?.filter((id) => points.includes(id));
  return { ...EvidenceAdded(withoutUndefined({ ...evidence, pointIds: concerned })), occurredAt: at };
}
