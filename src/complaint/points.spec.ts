import { command, given } from '../../test/support/given.js';
import { coldDish, eventsUntilInvestigated, received, upheld } from '../../test/support/complaint-history.js';
import { AddPoint, SplitPoint } from './commands/parties.js';
import { MakeDetermination } from './commands/resolution.js';
import * as events from './events.js';
import { decisionProblems } from './guards.js';
import { undecidedPointProblem } from './points.js';

describe('T27: a point', () => {
  const rude = { issue: 'The waiter was rude', subject: { employeeId: 'waiter-7' } };
  const add = command(AddPoint, { point: rude });
  const added = events.PointAdded({ point: { id: 'p2', ...rude } });

  test('is added before the determination, with the next free id', () => {
    given(received()).when(add).then(added);
    given(received(), added)
      .when(add)
      .then(events.PointAdded({ point: { id: 'p3', ...rude } }));
    given(...eventsUntilInvestigated(), upheld)
      .when(add)
      .thenRejected('wrong_stage');
  });
  test('has a subject, also if the command states none', () =>
    given(received())
      .when(command(AddPoint, { point: { issue: 'Too loud' } }))
      .then(events.PointAdded({ point: { id: 'p2', issue: 'Too loud', subject: {} } })));
  test('is refused under an id that another point has', () =>
    given(received())
      .when(command(AddPoint, { point: { id: 'p1', issue: 'Too loud' } }))
      .thenRejected('id_taken', '/point/id'));
  test('is decided like those of the lodging', () =>
    given(...eventsUntilInvestigated(received(), added))
      .when(
        command(MakeDetermination, { points: [{ id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows it.' }] }),
      )
      .thenRejected('point_undecided'));
});

test('T27: a point that left for another complaint or an external body is not decided here', () => {
  const { state } = given(...eventsUntilInvestigated());
  const [point] = state.points;
  const left = (how: 'split_off' | 'referred', to: string) => ({
    ...state,
    points:
      point === undefined
        ? []
        : [
            { ...point, left: { how, to } },
            { ...point, id: 'p2' },
          ],
  });
  const decided = [{ id: 'p1', outcome: 'upheld', reasons: 'The kitchen log shows it.' }] as const;
  expect(decisionProblems(left('split_off', 'c2'), decided)).toMatchObject([
    { code: 'point_left', message: 'point p1 was split off to complaint c2 and no longer counts here; omit it' },
    { code: 'point_undecided', message: expect.stringContaining(': p2;') as string },
  ]);
  expect(decisionProblems(left('referred', '12315'), [{ ...decided[0], id: 'p2' }])).toEqual([]);
});

describe('T27: the split of a point', () => {
  const split = (...points: { id?: string; issue: string; subject?: { product: string } }[]) =>
    command(SplitPoint, { pointId: 'p1', points });

  test('adds points beside it, about the same subject unless they state another', () => {
    given(received({ points: [{ ...coldDish, category: 'product_quality' }] }))
      .when(split({ issue: 'The soup was late' }, { issue: 'The bill was wrong', subject: { product: 'Bill' } }))
      .then(
        events.PointSplit({
          pointId: 'p1',
          points: [
            { id: 'p2', category: 'product_quality', issue: 'The soup was late', subject: { product: 'Set menu' } },
            { id: 'p3', category: 'product_quality', issue: 'The bill was wrong', subject: { product: 'Bill' } },
          ],
        }),
      );
    const after = given(
      received(),
      events.PointSplit({ pointId: 'p1', points: [{ id: 'p2', issue: 'Late', subject: {} }] }),
    );
    expect(after.state.points.map(({ id }) => id)).toEqual(['p1', 'p2']);
  });
  test('is refused for an unknown point, a point with an outcome, and a taken id', () => {
    given(received({ points: [{ ...coldDish, id: 'p7' }] }))
      .when(split({ issue: 'Late' }))
      .thenRejected('unknown_point', '/pointId');
    given(received())
      .when(split({ id: 'p8', issue: 'Late' }, { id: 'p8', issue: 'Loud' }))
      .thenRejected('id_taken', '/points/1/id');
    const { state } = given(received());
    const decided = { ...state, progress: { ...state.progress, outcomes: { p1: 'upheld' as const } } };
    expect(undecidedPointProblem(decided, 'p1', '/pointId')).toMatchObject({
      code: 'point_decided',
      pointer: '/pointId',
    });
  });
});
