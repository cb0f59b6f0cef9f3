import { determine, investigate, measure, assessAndAssign } from '../routine.js';
import { ago, handler, intake, later, person, statement, type Story } from '../story.js';

// subject fields of the two companies
const courier = { respondent: '飞燕速递', region: '成都' };
const parcels = { respondent: 'Swift Parcel', region: 'Leeds' };

export const deliveryStories: readonly Story[] = [
  {
    id: 'delivery-lost-parcel',
    title: '包裹显示签收却没收到，后来在物业找到',
    industry: 'delivery',
    begins: { daysAgo: 25, at: '15:00', zone: 'Asia/Shanghai' },
    ends: { stage: 'Withdrawn', status: 'withdrawn' },
    steps: [
      intake('PT0S', 'lodge', {
        channel: 'mobile_app',
        language: 'zh',
        narrative: '显示昨天已签收，可我没有收到。',
        parties: [person('吴倩', 'phone', '+86 28 5550 0111')],
        points: [{ issue: '未收到包裹', subject: { ...courier, product: '次日达', orderId: 'FY-550031' } }],
      }),
      ...assessAndAssign('PT10M', {
        channel: 'sms',
        points: { p1: 'delivery' },
        severity: 'moderate',
        cause: 'logistics',
        orgUnit: '西南分拨',
      }),
      handler('PT4H', 'request-information', {
        from: '派送网点',
        question: '签收照片和门牌号',
        answerBy: later('P1D'),
      }),
      handler('PT20H', 'receive-information', {
        requestId: 'q1',
        from: '派送网点',
        content: '照片显示放在物业前台。',
      }),
      intake('PT22H', 'withdraw', { statedBy: statement('phone'), reason: '在物业前台找到了' }),
    ],
  },
  {
    id: 'delivery-broken-lamp',
    title: 'A lamp arrived broken; its manufacturer replaces it',
    industry: 'delivery',
    begins: { daysAgo: 18, at: '10:45', zone: 'Europe/London' },
    ends: { stage: 'Closed', status: 'resolved' },
    steps: [
      intake('PT0S', 'lodge', {
        channel: 'live_chat',
        language: 'en',
        narrative: 'The lamp came in pieces. The box had no padding at all.',
        parties: [person('Owen Pryce', 'email', 'owen.pryce@example.com')],
        points: [{ issue: 'Arrived broken', subject: { ...parcels, product: 'Home delivery', orderId: 'SP-88213' } }],
      }),
      ...assessAndAssign('PT5M', {
        channel: 'live_chat',
        points: { p1: 'delivery' },
        severity: 'minor',
        cause: 'logistics',
        orgUnit: 'claims',
      }),
      handler('PT1H', 'add-evidence', {
        sha256: '4c3f9d6e850c71aa1bd3f405162738495a6b7c8d9e0f1a2b3c4d5e6f708192a3',
        kind: 'photo',
        mime: 'image/jpeg',
        source: 'complainant',
        pointIds: ['p1'],
      }),
      ...investigate('PT5H', {
        identity: 'order_record',
        finding: 'substantiated',
        contentGrounds: 'The photos show one layer of paper.',
        evidenceIds: ['e1'],
        reasonable: 'yes',
        meritGrounds: 'Glass needs padding.',
        cause: 'supplier',
      }),
      determine('P1D', 'upheld', 'The packing did not meet the standard agreed with the maker.'),
      handler('P1DT1H', 'propose-remedy', {
        needsAcceptance: true,
        measures: [
          measure('replacement', 'The maker sends a new lamp', later('P5D'), {
            provider: 'third_party',
          }),
        ],
      }),
      handler('P1DT3H', 'accept-remedy', { remedyId: 'r1', statedBy: statement('online') }),
      handler('P1DT4H', 'send-final-response', {
        kind: 'accept',
        addressees: ['a1'],
        channel: 'email',
        text: 'A new lamp is on its way, well packed this time.',
      }),
      handler('P1DT4H1M', 'record-delivery', {
        of: 'f1',
        result: 'failed',
        channel: 'email',
        to: 'a1',
        reason: 'Mailbox full',
      }),
      handler('P1DT20H', 'record-delivery', { of: 'f1', result: 'delivered', channel: 'email', to: 'a1' }),
      handler('P5D', 'complete-measure', {
        remedyId: 'r1',
        measureId: 'm1',
        confirmation: 'Signed for by O. Pryce, proof of delivery SP-88301',
      }),
      intake('P7D', 'submit-feedback', { score: 5, resolved: 'yes', comment: 'Quick and painless' }),
      handler('P7DT1H', 'close'),
    ],
  },
  {
    id: 'delivery-late-meal',
    title: '外卖晚到一小时，骑手当场免了配送费',
    industry: 'delivery',
    begins: { daysAgo: 11, at: '12:55', zone: 'Asia/Shanghai' },
    ends: { stage: 'Closed', status: 'resolved' },
    steps: [
      intake('PT0S', 'lodge', {
        channel: 'messaging_app',
        language: 'zh',
        narrative: '午饭晚了一个小时，面都坨了。',
        parties: [person('蒋一鸣', 'messaging_app', 'jiangym-demo')],
        points: [
          { issue: '送餐超时', subject: { ...courier, product: '即时送餐', orderId: 'FY-M-20117', shift: '午高峰' } },
        ],
        resolution: {
          category: 'delivery',
          whatWasDone: '免配送费并重送一份面。',
          remedyType: 'waiver_of_charge',
          amount: { amount: 600, currency: 'CNY' },
          channel: 'messaging_app',
          statedBy: statement('online'),
        },
      }),
    ],
  },
  {
    id: 'delivery-not-ours',
    title: 'The parcel was carried by another company',
    industry: 'delivery',
    begins: { daysAgo: 16, at: '16:10', zone: 'Europe/London' },
    ends: { stage: 'Inadmissible', status: 'inadmissible' },
    steps: [
      intake('PT0S', 'lodge', {
        channel: 'social_media',
        language: 'en',
        narrative: 'Your driver threw my parcel over the fence!',
        parties: [person('Dylan Marsh', 'social_media', '@dylan-marsh-demo')],
        points: [{ issue: 'Parcel thrown', subject: { product: 'Home delivery', region: 'Leeds' } }],
      }),
      intake('PT1H', 'acknowledge', { channel: 'social_media', to: 'a1' }),
      handler('PT20H', 'declare-inadmissible', {
        reasonCode: 'not_addressed_to_us',
        nature: 'not_addressed_to_us',
        reasons: 'The number on the label is of another carrier; we did not carry the parcel.',
        recourse: 'Please write to the carrier named on the label; a consumer advice service can help.',
        addressees: ['a1'],
        channel: 'social_media',
      }),
      handler('PT20H5M', 'record-delivery', { of: 'i1', result: 'delivered', channel: 'social_media', to: 'a1' }),
    ],
  },
  {
    id: 'delivery-rude-rider',
    title: '投诉骑手态度，录音不支持',
    industry: 'delivery',
    begins: { daysAgo: 17, at: '18:25', zone: 'Asia/Shanghai' },
    ends: { stage: 'Closed', status: 'handled' },
    steps: [
      intake('PT0S', 'lodge', {
        channel: 'mobile_app',
        language: 'zh',
        narrative: '骑手在电话里骂人。',
        parties: [person('罗文', 'sms', '+86 138 0000 0101')],
        points: [{ issue: '骑手辱骂', subject: { ...courier, product: '同城急送', employeeId: 'rider-204' } }],
      }),
      ...assessAndAssign('PT30M', {
        channel: 'sms',
        points: { p1: 'staff_attitude' },
        severity: 'moderate',
        cause: 'staff_conduct',
        orgUnit: '骑手管理',
      }),
      ...investigate('P1DT1H', {
        identity: 'order_record',
        finding: 'unsubstantiated',
        contentGrounds: '平台通话录音全程平和，共 41 秒。',
        reasonable: 'no',
        meritGrounds: '录音与所述不符。',
        cause: 'communication',
      }),
      determine('P1DT2H', 'not_upheld', '通话录音中没有辱骂内容。', '不同意可拨打 12315 或向邮政管理部门申诉。'),
      handler('P1DT3H', 'send-final-response', {
        kind: 'reject',
        addressees: ['a1'],
        channel: 'sms',
        text: '经核对通话录音，未发现辱骂内容，您的投诉未予支持。',
        recourse: '不同意可拨打 12315 或向邮政管理部门申诉。',
      }),
      handler('P1DT3H1M', 'record-delivery', { of: 'f1', result: 'delivered', channel: 'sms', to: 'a1' }),
      handler('P9D', 'close'),
    ],
  },
  {
    id: 'delivery-wrong-door',
    title: 'A parcel left at the wrong door; no reply yet',
    industry: 'delivery',
    begins: { daysAgo: 1, at: '08:30', zone: 'Europe/London' },
    ends: { stage: 'Received', status: 'pending' },
    steps: [
      intake('PT0S', 'lodge', {
        channel: 'website',
        language: 'en',
        narrative: 'Third time this month that my parcel is left at number 12. I live at 21.',
        parties: [person('Grace Okafor', 'email', 'grace.okafor@example.com')],
        points: [{ issue: 'Wrong door', subject: { ...parcels, product: 'Home delivery', orderId: 'SP-90077' } }],
        contactAttempts: [{ at: ago('P1D'), channel: 'phone', result: 'Line busy' }],
      }),
      intake('PT6H', 'record-contact', {
        direction: 'inbound',
        channel: 'phone',
        party: 'a1',
        result: 'reached',
        asksForUpdate: true,
        content: 'Asks whether we have read the complaint.',
      }),
    ],
  },
];
