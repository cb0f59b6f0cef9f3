import { catalogue } from '../../projections/catalogue.js';
import type { ModelStore } from '../projection/projection.js';
import type { ReadModels } from '../readmodels/read-models.js';
import { DocumentSubjectIndex } from '../subject-index/document-subject-index.js';
import { subjectIndexProjection } from '../subject-index/projection.js';
import type { SubjectIndex } from '../subject-index/subject-index.js';
import type { Terms } from '../subject-index/terms.js';

/** The index of personal values: its store, and the terms in it. */
export interface Subjects {
  readonly store: ReadModels;
  readonly terms: Terms;
}

/** Every store of read models with its projections. The views of complaints are in one, the index of personal values in another. */
export const modelStores = (views: ReadModels, subjects: Subjects): ModelStore[] => [
  { readModels: views, catalogue },
  { readModels: subjects.store, catalogue: [subjectIndexProjection(subjects.terms)] },
];

/** The queries of the index of personal values. */
export const subjectIndexOf = ({ store, terms }: Subjects): SubjectIndex =>
  new DocumentSubjectIndex(store, subjectIndexProjection(terms), terms);
