import { given } from '../../test/support/given.js';
import { eventsUntilInvestigated, proposed, upheld } from '../../test/support/complaint-history.js';
import { eventsAtEnd } from './endings.js';
import * as events from './events.js';

describe('an end', () => {
  const drafted = events.RemedyDrafted({ ...proposed().data, remedyId: 'r2' } as Parameters<
    typeof events.RemedyDrafted
  >[0]);
  const asked = events.DepartmentTaskRequested({ taskId: 't1', orgUnit: 'kitchen', task: 'Find the log' });
  const history = [...eventsUntilInvestigated(), asked, upheld, proposed(), drafted];

  test('cancels the tasks, lapses the offers and discards the drafts that wait', () =>
    expect(eventsAtEnd(given(...history).state)).toEqual([
      events.DepartmentTaskCancelled({ taskId: 't1', cause: 'ended' }),
      events.RemedyOfferLapsed({ remedyId: 'r1', cause: 'ended' }),
      events.DraftDiscarded({ draftId: 'r2', cause: 'ended' }),
    ]));
  test('leaves nothing that waits', () => {
    const { state } = given(...history);
    expect(eventsAtEnd(given(...history, ...eventsAtEnd(state)).state)).toEqual([]);
    expect(given(...history, ...eventsAtEnd(state)).state.remedies.map(({ status }) => status)).toEqual([
      'Lapsed',
      'Discarded',
    ]);
  });
});
