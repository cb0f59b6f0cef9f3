import { TREND_DIMENSIONS } from '../../projections/trends/query.js';
import { QUEUE_FILTERS } from '../../projections/work-queue/query.js';
import { fieldsOf, type Concrete } from '../platform/fields.js';
import { QueueParameters } from './queue.controller.js';
import { TrendsParameters } from './trends.controller.js';

const filters = (target: Concrete, others: readonly string[]) =>
  [...fieldsOf(target).keys()].filter((name) => !['minPosition', ...others].includes(name)).sort();

test('every parameter of the queue is a filter of its query, or a page', () => {
  expect(filters(QueueParameters, ['cursor', 'limit'])).toEqual([...QUEUE_FILTERS].sort());
});

test('every parameter of the trends is a dimension of its query, a group or a period', () => {
  expect(filters(TrendsParameters, ['groupBy', 'basis', 'zone', 'from', 'to'])).toEqual([...TREND_DIMENSIONS].sort());
});
