import type { Words } from '../../platform/language.js';
import type { Channel, Nature, Outcome, Stage, StatusCode } from './vocabulary.js';

/** The words for the codes of lists that people read. */

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
  commitment_outstanding: { en: 'Commitment outstanding', zh: '待兑现' },
  unresolved: { en: 'Unresolved', zh: '未解决' },
  resolved: { en: 'Resolved', zh: '已解决' },
  handled: { en: 'Handled', zh: '已处理' },
  inadmissible: STAGE_WORDS.Inadmissible,
  withdrawn: STAGE_WORDS.Withdrawn,
  referred_out: STAGE_WORDS.ReferredOut,
  consolidated: STAGE_WORDS.Consolidated,
};

export const OUTCOME_WORDS: { readonly [outcome in Outcome]: Words } = {
  upheld: { en: 'Upheld', zh: '投诉成立' },
  partly_upheld: { en: 'Partly upheld', zh: '部分成立' },
  not_upheld: { en: 'Not upheld', zh: '投诉不成立' },
  resolved_without_finding: { en: 'Resolved without finding', zh: '协商解决（未作认定）' },
  answered: { en: 'Answered', zh: '已答复（非投诉）' },
};

export const NATURE_WORDS: { readonly [nature in Nature]: Words } = {
  complaint: { en: 'Complaint', zh: '投诉' },
  enquiry: { en: 'Enquiry', zh: '咨询' },
  suggestion: { en: 'Suggestion', zh: '建议' },
  report: { en: 'Report of a violation', zh: '举报' },
  request: { en: 'Request for help', zh: '求助' },
  not_addressed_to_us: { en: 'Not addressed to us', zh: '非本单位职责' },
  spam: { en: 'Spam', zh: '垃圾信息' },
};

export const CHANNEL_WORDS: { readonly [channel in Channel]: Words } = {
  website: { en: 'Website', zh: '官方网站' },
  mobile_app: { en: 'Mobile app', zh: '手机应用' },
  social_media: { en: 'Social media', zh: '社交媒体' },
  messaging_app: { en: 'Messaging app', zh: '即时通讯（微信、小程序）' },
  email: { en: 'E-mail', zh: '电子邮件' },
  live_chat: { en: 'Live chat', zh: '在线客服' },
  phone: { en: 'Phone', zh: '电话' },
  ivr_bot: { en: 'Voice menu or bot', zh: '语音导航、智能客服' },
  sms: { en: 'Text message', zh: '短信' },
  in_person: { en: 'In person', zh: '当面' },
  front_desk: { en: 'Front desk', zh: '前台' },
  sales_staff: { en: 'Sales staff', zh: '销售人员' },
  letter: { en: 'Letter', zh: '信函' },
  fax: { en: 'Fax', zh: '传真' },
  referral: { en: 'Referral', zh: '转办' },
  third_party_platform: { en: 'Third-party platform', zh: '第三方平台（12315、12345、黑猫、OTA）' },
  not_stated: { en: 'Not stated (upstream only)', zh: '未说明（仅限上游导入）' },
};
