// Makes notes unfoldable for the timeline of a process: while the file named by REDRESS_TEST_UNFOLDABLE holds a text,
// folding a NoteAdded event whose data contains that text throws. Node loads this file in every thread.
import { readFileSync } from 'node:fs';
import { timeline } from '../../../../dist/projections/timeline/projection.js';

const file = process.env.REDRESS_TEST_UNFOLDABLE;
const { evolve } = timeline;

timeline.evolve = (page, event, id) => {
  if (event.type === 'NoteAdded') {
    const text = readFileSync(file, 'utf8');
    if (text !== '' && JSON.stringify(event.data).includes(text)) throw new Error('cannot be folded');
  }
  return evolve(page, event, id);
};
