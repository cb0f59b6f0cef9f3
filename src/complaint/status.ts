import type { Complaint } from './complaint.js';
import type { ComplaintSettings } from './decision.js';
import { BEFORE_DETERMINATION, isOpen } from './guards.js';
import { MONETARY_REMEDIES, type Outcome, type Stage } from './terms/vocabulary.js';

/** What others call it (language.md §2.4): derived, never stored; lateness is a flag of its own. */

export const STAGE_LABELS: Readonly<Record<Stage, string>> = {
  Received: '已接收',
  UnderAssessment: '初步评估中',
  UnderInvestigation: '核实调查中',
  Determined: '已认定',
  Responded: '已答复',
  Closed: '已结案',
  Inadmissible: '不予受理',
  Withdrawn: '已撤回',
  ReferredOut: '已移送',
  Consolidated: '已并案',
};

export type StatusLabel =
  '待处理' | '处理中' | '未解决' | '已解决' | '已处理' | '不予受理' | '已撤回' | '已移送' | '已并案';

export type CompanyResponse =
  | 'In progress'
  | 'Closed'
  | 'Closed with explanation'
  | 'Closed with non-monetary relief'
  | 'Closed with monetary relief';

export interface Status {
  /** R52 */
  readonly status: StatusLabel;
  /** Company response of the CFPB's register, as our own record has it. */
  readonly response: CompanyResponse;
  /** true: refused, dissatisfied, not reached or re-opened; false: accepted or satisfied; null: not known. */
  readonly disputed: boolean | null;
  /** Of the current episode's points together; null before they are decided. */
  readonly outcome: Outcome | null;
  /** What a public register says, as it says it: beside ours, never mixed with it. */
  readonly registerResponse: string | null;
}

/** The first line of the table that fits. */
export function statusOf(complaint: Complaint, settings: Pick<ComplaintSettings, 'satisfiedScore'>): Status {
  const outcome = caseOutcome(complaint);
  const registerResponse = complaint.external?.response ?? null;
  const line = (status: StatusLabel, response: CompanyResponse, disputed: boolean | null): Status => ({
    status,
    response,
    disputed,
    outcome,
    registerResponse,
  });
  const { stage, episode } = complaint;
  switch (stage) {
    case 'Inadmissible':
      return line('不予受理', 'Closed', null);
    case 'Withdrawn':
      return line('已撤回', 'Closed', null);
    case 'ReferredOut':
      return line('已移送', 'Closed', null);
    case 'Consolidated':
      return line('已并案', 'Closed', null);
    default:
  }
  const undecided = stage === null || BEFORE_DETERMINATION.some((one) => one === stage);
  if (undecided && episode <= 1) return line('待处理', 'In progress', null);
  if (stage === 'Determined') return line('处理中', 'In progress', null);
  const view = complainantsView(complaint, settings.satisfiedScore);
  if (undecided || view === 'unresolved')
    return line('未解决', isOpen(complaint) ? 'In progress' : reliefGiven(complaint, outcome), true);
  if (view === 'resolved') return line('已解决', reliefGiven(complaint, outcome), false);
  return line('已处理', reliefGiven(complaint, outcome), null);
}

/** All upheld, all not upheld, any mix is partly upheld. */
export function caseOutcome({ points }: Pick<Complaint, 'points'>): Outcome | null {
  const outcomes = new Set(points.flatMap(({ outcome }) => outcome ?? []));
  const [first, ...others] = outcomes;
  return first === undefined ? null : others.length === 0 ? first : 'partly_upheld';
}

/** What the complainant of this episode lets us know: by the last answer to an offer, by feedback, or by being unreachable. */
function complainantsView(complaint: Complaint, satisfiedScore: number): 'unresolved' | 'resolved' | 'unknown' {
  const { episode } = complaint;
  const answered = complaint.remedies.findLast((remedy) => remedy.episode === episode && remedy.answered !== undefined);
  const feedback = complaint.feedback.findLast((one) => one.episode === episode);
  if (answered?.status === 'Rejected') return 'unresolved';
  if (feedback !== undefined && feedback.score < satisfiedScore) return 'unresolved';
  if (complaint.communication.status === 'Undeliverable') return 'unresolved';
  if (answered !== undefined || (feedback !== undefined && feedback.resolved !== 'no')) return 'resolved';
  return 'unknown';
}

/** By what was done and paid, whichever episode promised it. */
function reliefGiven({ remedies, payments }: Complaint, outcome: Outcome | null): CompanyResponse {
  const done = remedies.flatMap(({ measures }) => measures.filter(({ status }) => status === 'Done'));
  const money =
    payments.length > 0 ||
    done.some(({ type }) => MONETARY_REMEDIES.includes(type)) ||
    remedies.some((remedy) => remedy.money !== undefined);
  if (money) return 'Closed with monetary relief';
  if (done.length > 0 || remedies.some(({ whatWasDone }) => whatWasDone !== undefined))
    return 'Closed with non-monetary relief';
  return outcome === 'not_upheld' ? 'Closed with explanation' : 'Closed';
}
