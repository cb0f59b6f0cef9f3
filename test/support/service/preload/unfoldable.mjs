// Lets a test make events unfoldable for the timeline of a process: REDRESS_TEST_UNFOLDABLE names a file; while it holds
// a text, no event whose data holds that text can be folded. Loaded in every thread.
import { readFileSync } from 'node:fs';
import { timeline } from '../../../../dist/projections/timeline/projection.js';

const file = process.env.REDRESS_TEST_UNFOLDABLE;
const { evolve } = timeline;

timeline.evolve = (page, event, id) => {
  if (event.type === 'NoteAdded') {
    const mark = readFileSync(file, 'utf8');
    if (mark !== '' && JSON.stringify(event.data).includes(mark)) throw new Error('cannot be folded');
  }
  return evolve(page, event, id);
};
