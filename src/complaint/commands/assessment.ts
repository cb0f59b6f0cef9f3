import { Code, Flag, List, Schema, Text, Whole } from '../../platform/fields.js';
import {
  CAUSES,
  COMPLEXITIES,
  IMPACT_SCOPES,
  NATURES,
  PRIORITIES,
  SEVERITIES,
  TAXONOMY_VERSION,
  type Cause,
  type Nature,
  type Priority,
  type Severity,
} from '../terms/vocabulary.js';
import { ComplaintCommand, PointClassification } from './parts.js';

@Schema({
  summary: 'Classify the complaint',
  example: { nature: 'complaint', points: [{ id: 'p1', category: 'product_quality' }], suspectedCause: 'process_gap' },
})
export class ClassifyComplaint extends ComplaintCommand {
  @Code(NATURES)
  readonly nature!: Nature;
  @List(() => PointClassification, {
    min: 1,
    max: 100,
    description: 'The classification of each point; each point at most once',
  })
  readonly points!: PointClassification[];
  @Code(CAUSES, { optional: true })
  readonly suspectedCause?: Cause;
  @Text({ max: 2000, optional: true, description: 'What the complaint means for the complainant and others' })
  readonly impact?: string;
  @Whole({
    min: 1,
    max: 1_000_000,
    optional: true,
    description: 'Version of the taxonomy that the codes belong to; the current version when absent',
    example: TAXONOMY_VERSION,
  })
  readonly taxonomyVersion?: number;
}

@Schema({
  summary: 'Assess severity, safety, complexity and impact',
  example: { severity: 'moderate', impactScope: 'single', safetyCritical: false, complexity: 'simple' },
})
export class AssessSeverity extends ComplaintCommand {
  @Code(SEVERITIES)
  readonly severity!: Severity;
  @Code(IMPACT_SCOPES, { optional: true })
  readonly impactScope?: (typeof IMPACT_SCOPES)[number];
  @Flag({
    optional: true,
    description: 'True if safety-critical; when absent, the value of the last assessment, or false',
  })
  readonly safetyCritical?: boolean;
  @Code(COMPLEXITIES, { optional: true })
  readonly complexity?: (typeof COMPLEXITIES)[number];
  @Text({ max: 2000, optional: true, description: 'Reason for the assessment' })
  readonly reason?: string;
}

@Schema({
  summary: 'Set the priority: by rule, or manually with a reason',
  example: { priority: 'P2', reason: 'Third call in two days' },
})
export class SetPriority extends ComplaintCommand {
  @Code(PRIORITIES, { optional: true, description: 'Set by the priority rule when absent' })
  readonly priority?: Priority;
  @Text({ max: 2000, optional: true, description: 'Required if the priority differs from that of the priority rule' })
  readonly reason?: string;
}
