import type { Complaint } from './complaint.js';
import { openDrafts, type WithDrafts } from './drafts.js';
import { DepartmentTaskCancelled, DraftDiscarded, RemedyOfferLapsed } from './events.js';
import { isAwaitingAnswer } from './progress.js';
import { isOpenTask } from './tasks.js';

/**
 * The events with which an end settles what waits: tasks are cancelled, offers lapse and drafts are discarded. They
 * precede the event of the end. What is owed stays owed; the end itself ends the holds. A consolidation settles
 * nothing, because it can be undone.
 */
export const eventsAtEnd = (complaint: Pick<Complaint, 'tasks'> & WithDrafts) => [
  ...complaint.tasks.filter(isOpenTask).map(({ taskId }) => DepartmentTaskCancelled({ taskId, cause: 'ended' })),
  ...complaint.remedies.filter(isAwaitingAnswer).map(({ remedyId }) => RemedyOfferLapsed({ remedyId, cause: 'ended' })),
  ...openDrafts(complaint).map(({ id }) => DraftDiscarded({ draftId: id, cause: 'ended' })),
];
