import { catalogue } from '../../../projections/catalogue.js';
import { SUBJECT_INDEX } from '../../../src/subject-index/projection.js';

/** The names of all read models: the views, and the index of personal values. */
export const MODEL_NAMES: readonly string[] = [...catalogue.map(({ name }) => name), SUBJECT_INDEX];
