import { NOW } from './files.js';

/** Instants between the requests, for queries with `asOf` and `knownAt`. */
export const INSTANTS = ['2026-03-05', '2026-03-10', '2026-03-14', '2026-03-20', '2026-03-27'].map(
  (day) => `${day}T04:00:00.000Z`,
);

/**
 * Complaints for queries at a point in time: with late entries, second episodes, answers to offers, different ends, and a
 * register outcome.
 */
export const POINT_IN_TIME_COMPLAINTS = [
  'ferry-two-points',
  'telecom-broadband-outage',
  'bank-loan-advert',
  'gym-withdrawn-owed',
  'hotel-lost-laundry',
  'register-by-hand',
];

/** Parameters of queries of the queue. */
export const QUEUES = [
  '',
  'stage=Received',
  'stage=UnderInvestigation',
  'stage=Determined',
  'handler=handler-1',
  'handler=none',
  'orgUnit=ferries',
  'severity=serious',
  'priority=P3',
  'channel=phone',
  'product=Night%20ferry',
  'category=delivery',
  'source=crm',
  'source=cfpb',
  'anonymous=true',
  'anonymous=false&stage=Responded',
];

/** Parameters of queries of trends. */
export const TRENDS = [
  'groupBy=product',
  'groupBy=issue',
  'groupBy=category',
  'groupBy=channel',
  'groupBy=region',
  'groupBy=severity',
  'groupBy=outcome',
  'groupBy=response',
  'groupBy=respondent',
  'groupBy=source',
  'groupBy=day',
  'groupBy=week&zone=Asia/Shanghai',
  'groupBy=month&zone=America/New_York',
  'groupBy=outcome,channel',
  'groupBy=month,response,source',
  'groupBy=week&basis=responded',
  'groupBy=day&basis=ended&zone=Europe/London',
  'groupBy=category&from=2026-03-05&to=2026-03-12',
  'groupBy=outcome&channel=phone',
  'groupBy=product&source=cfpb&companyResponse=Closed%20with%20explanation',
];

/** Paths of queries that are refused. */
export const REFUSED = [
  '/v1/complaints/no-such-complaint',
  '/v1/complaints/no-such-complaint/history',
  `/v1/complaints/no-such-complaint?asOf=${NOW}&revision=1`,
  '/v1/queue?cursor=nonsense',
  '/v1/queue?stage=Nowhere&limit=0',
  '/v1/trends?groupBy=weather',
  '/v1/trends?groupBy=day,week',
  '/v1/trends?groupBy=outcome&zone=Nowhere/Here',
  '/v1/reconciliation/00000000-0000-4000-8000-000000000000/rejected',
  '/v1/nothing',
];

/** The file name for a query: `groupBy=outcome&channel=phone` gives `outcome-channel-phone`. */
export const inFileName = (query: string): string =>
  query.replace('groupBy=', '').replaceAll(/(%20|[^A-Za-z0-9])+/g, '-') || 'all';
