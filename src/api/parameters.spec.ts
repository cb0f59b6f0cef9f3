import { TREND_DIMENSIONS } from '../../projections/trends/query.js';
import { QUEUE_FILTERS } from '../../projections/complaints/queue.js';
import { fieldsOf, type ConcreteClass } from '../platform/fields.js';
import { QueueParameters } from './queue.controller.js';
import { TrendsParameters } from './trends.controller.js';

/** Names of the parameters that are filters, sorted; `others` are those that are not. */
const filterNames = (parameters: ConcreteClass, others: readonly string[]) =>
  [...fieldsOf(parameters).values()]
    .map(({ name, formerName }) => formerName ?? name) // a dimension has the former name
    .filter((name) => !['minPosition', ...others].includes(name))
    .sort();

test('the queue has a parameter for each filter of its query', () => {
  expect(filterNames(QueueParameters, ['cursor', 'limit'])).toEqual([...QUEUE_FILTERS].sort());
});

test('the trends have a parameter for each dimension of their query', () => {
  expect(filterNames(TrendsParameters, ['groupBy', 'basis', 'zone', 'from', 'to'])).toEqual(
    [...TREND_DIMENSIONS].sort(),
  );
});
