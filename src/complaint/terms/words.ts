import type { Words } from '../../platform/language.js';
import type { Stage, StatusCode } from './vocabulary.js';

/** The words for the codes of stages and statuses. */

export const STAGE_WORDS: { readonly [stage in Stage]: Words } = {
  Received: { en: 'Received', zh: '已接收' },
  UnderAssessment: { en: 'Under assessment', zh: '初步评估中' },
  UnderInvestigation: { en: 'Under investigation', zh: '核实调查中' },
  Determined: { en: 'Determined', zh: '已认定' },
  Responded: { en: 'Responded', zh: '已答复' },
  Closed: { en: 'Closed', zh: '已结案' },
  Inadmissible: { en: 'Inadmissible', zh: '不予受理' },
  Withdrawn: { en: 'Withdrawn', zh: '已撤回' },
  ReferredOut: { en: 'Referred out', zh: '已移送' },
  Consolidated: { en: 'Consolidated', zh: '已并案' },
};

export const STATUS_WORDS: { readonly [status in StatusCode]: Words } = {
  pending: { en: 'Waiting to be handled', zh: '待处理' },
  in_progress: { en: 'In progress', zh: '处理中' },
  unresolved: { en: 'Unresolved', zh: '未解决' },
  resolved: { en: 'Resolved', zh: '已解决' },
  handled: { en: 'Handled', zh: '已处理' },
  inadmissible: STAGE_WORDS.Inadmissible,
  withdrawn: STAGE_WORDS.Withdrawn,
  referred_out: STAGE_WORDS.ReferredOut,
  consolidated: STAGE_WORDS.Consolidated,
};
