import { NotBuilt } from '../readmodels/active-model.js';
import { AppendAmbiguous, StoreUnavailable } from '../eventstore/event-store.js';
import { mapError } from './map-error.js';
import { NotYetVisible, ReadModelsUnavailable } from '../readmodels/read-models.js';

describe('an error reported to a client', () => {
  test.each([
    [new StoreUnavailable('gone'), 'event_store_unavailable', 5],
    [new AppendAmbiguous('no answer'), 'event_store_unavailable', 5],
    [new ReadModelsUnavailable('db.example:27017', '2026-01-05T09:00:00Z'), 'read_models_unavailable', 5],
    [new NotYetVisible('behind'), 'not_yet_visible', 1],
    [new NotBuilt('complaint_file'), 'not_yet_visible', 1],
  ])('has its code and the seconds after which to retry: %s', (error, code, retryAfter) => {
    expect(mapError(error)).toMatchObject({ status: 503, code, retryAfter });
  });

  test('does not say whether a command was recorded, if that is unknown', () => {
    for (const error of [new StoreUnavailable('gone'), new AppendAmbiguous('no answer')])
      expect(mapError(error)?.message).toBe(
        'the event store did not confirm the outcome; send the same request again (a command with the same key)',
      );
  });

  test('does not name a host; an unexpected error is not mapped', () => {
    expect(mapError(new ReadModelsUnavailable('db.example:27017', ''))?.message).not.toContain('db.example');
    expect(mapError(new TypeError('undefined is not iterable'))).toBeUndefined();
  });
});
