import { Code, Flag, Identifier, List, Schema, Text, Whole } from '../../platform/fields.js';
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

@Schema({
  summary: 'Assign the complaint to its first handler; also admits it',
  example: { handler: 'handler-1', orgUnit: 'care' },
})
export class AssignComplaint extends ComplaintCommand {
  @Identifier({ example: 'handler-1', description: 'Id of the handler' })
  readonly handler!: string;
  @Text({ max: 200, optional: true, description: 'Organisational unit of the handler' })
  readonly orgUnit?: string;
}

@Schema({ summary: 'Assign the complaint to another handler', example: { to: 'handler-2', reason: 'On leave' } })
export class ReassignComplaint extends ComplaintCommand {
  @Identifier({ example: 'handler-2', description: 'Id of the new handler' })
  readonly to!: string;
  @Text({
    max: 200,
    optional: true,
    description: 'Organisational unit of the new handler; the earlier one stays when absent',
  })
  readonly orgUnit?: string;
  @Text({ max: 2000, description: 'Why the complaint gets another handler' })
  readonly reason!: string;
}

@Schema({ summary: 'Accept the assignment (签收)', example: {} })
export class AcceptAssignment extends ComplaintCommand {}

@Schema({
  summary: 'Declare a conflict of interest',
  example: { person: 'handler-1', reason: 'Was on shift that evening' },
})
export class DeclareConflictOfInterest extends ComplaintCommand {
  @Identifier({
    optional: true,
    description: 'The person with the conflict; the sender when absent',
    example: 'handler-1',
  })
  readonly person?: string;
  @Text({ max: 2000, description: 'What the conflict is' })
  readonly reason!: string;
}
