import { ROLES, type Role } from '../../access/actor.js';
import type { AcceptedCommand } from '../../command/outcome.js';
import type { PublishedHouseRules } from '../../house-policy/house-policy.js';
import { LimitOfCurrency, LimitOfRole } from '../../house-policy/commands.js';
import {
  CONTACT_MODES,
  DETERMINATION_REVIEWS,
  LABEL_LANGUAGES,
  type ContactMode,
  type HouseRules,
} from '../../house-policy/rules.js';
import { AnyObject, AnyText, Count, ListOf, MapOf, Timestamp } from '../../platform/answer-fields.js';
import { enumeration } from '../../platform/enumerations.js';
import { Code, Flag, Nested, Schema } from '../../platform/fields.js';
import type { JsonObject } from '../../platform/json.js';
import { PeriodOfTime } from '../../response-policy/commands.js';
import { RECOURSE_RULES, type LetterRule } from '../../response-policy/response-policy.js';
import { STAFF_SOURCES, type Absence, type Person, type StaffSource } from '../../staff/person.js';
import type { TaxonomyCode, TaxonomyList, TaxonomyVersion } from '../../taxonomy/code-lists.js';
import type { Unit } from '../../unit/org-unit.js';

@Schema({ summary: 'The result of a recorded command about people, units or rules' })
export class ReferenceReply implements Omit<AcceptedCommand, 'accepted'> {
  @AnyText({ description: 'Id of the person, unit or policy', example: 'handler-1' })
  readonly id!: string;
  @Count({ description: 'Revision of the last event of this command', example: 0 })
  readonly revision!: number;
  @AnyText({ description: 'Place of this event in the log', example: '00000000000000000002' })
  readonly position!: string;
  @AnyText({ each: true, description: 'Types of the recorded events', example: 'StaffRecorded' })
  readonly events!: readonly string[];
  @Flag({ description: 'True if the command had been recorded before; nothing was added', example: false })
  readonly alreadyThere!: boolean;
}

enumeration('StaffRole', ROLES, 'What a person of the staff may do');
const SOURCES = enumeration('StaffSource', STAFF_SOURCES, 'How the directory came to know a person');

@Schema({ summary: 'A time in which a person is absent' })
export class AbsenceFile implements Absence {
  @Timestamp({ description: 'Start of the absence' })
  readonly from!: string;
  @Timestamp({ description: 'End of the absence' })
  readonly to!: string;
}

@Schema({ summary: 'A person of the staff' })
export class PersonFile implements Person {
  @AnyText({ description: 'Id of the person', example: 'handler-1' })
  readonly id!: string;
  @AnyText({ optional: true, description: 'Name of the person', example: '王芳' })
  readonly name?: string;
  @AnyText({ each: true, description: 'Ids of the units of the person', example: 'care' })
  readonly units!: readonly string[];
  @Code(ROLES, { each: true, description: 'What the person may do' })
  readonly roles!: readonly Role[];
  @AnyText({ each: true, description: 'Skills', example: 'legal' })
  readonly skills!: readonly string[];
  @ListOf(() => AbsenceFile, { description: 'When the person is absent' })
  readonly absences!: readonly Absence[];
  @Code(SOURCES)
  readonly source!: StaffSource;
  @Timestamp({ optional: true, description: 'When the person left; absent while the person is on the staff' })
  readonly retiredAt?: string;
}

@Schema({ summary: 'The people of the staff' })
export class PeopleList {
  @ListOf(() => PersonFile, { description: 'The people, by id' })
  readonly items!: readonly PersonFile[];
}

@Schema({ summary: 'A unit of the organisation' })
export class UnitFile implements Unit {
  @AnyText({ description: 'Id of the unit', example: 'care' })
  readonly id!: string;
  @AnyText({ optional: true, description: 'Name of the unit', example: 'Complaints office' })
  readonly name?: string;
  @AnyText({ optional: true, description: 'Id of the unit to which it belongs', example: 'head-office' })
  readonly parent?: string;
  @AnyText({ optional: true, description: 'Id of its business calendar', example: 'cn' })
  readonly calendar?: string;
  @Timestamp({ optional: true, description: 'When it was dissolved; absent while it exists' })
  readonly retiredAt?: string;
}

@Schema({ summary: 'The units of the organisation' })
export class UnitList {
  @ListOf(() => UnitFile, { description: 'The units, by id' })
  readonly items!: readonly UnitFile[];
}

const MODES = enumeration('ContactMode', CONTACT_MODES, 'How to contact a complainant');
const REVIEWS = enumeration('DeterminationReview', DETERMINATION_REVIEWS, 'The approval of a determination');
const LANGUAGES = enumeration('LabelLanguage', LABEL_LANGUAGES, 'Language of labels');

@Schema({ summary: 'The rules of the house; PublishHousePolicy describes each' })
export class HouseRulesFile implements HouseRules {
  @ListOf(() => LimitOfRole, { description: 'What each role may grant alone' })
  readonly limits!: readonly LimitOfRole[];
  @ListOf(() => LimitOfCurrency, { description: 'Money up to which the identity of the payee may be waived' })
  readonly identityWaiverLimit!: readonly LimitOfCurrency[];
  @Flag({ description: 'A remedy above the limit needs a second person' })
  readonly remedyByTwo!: boolean;
  @Flag({ description: 'Interim relief above the limit needs a second person' })
  readonly reliefByTwo!: boolean;
  @Flag({ description: 'The waiver of an accepted measure without a statement needs a second person' })
  readonly waiverByTwo!: boolean;
  @Flag({ description: 'The person who waived the investigation does not decide' })
  readonly investigationWaiverByTwo!: boolean;
  @Flag({ description: 'Safety is lowered or cleared by a person who did not set it' })
  readonly safetyByTwo!: boolean;
  @Flag({ description: 'Every inadmissibility needs the approval of a second person' })
  readonly inadmissibleByTwo!: boolean;
  @Code(REVIEWS) readonly determinationReview!: HouseRules['determinationReview'];
  @Flag({ description: 'A determination is reviewed, and an internal review decided, by another person' })
  readonly reviewByOther!: boolean;
  @Flag({ description: 'Corrections of consequence need a second person' })
  readonly correctionByTwo!: boolean;
  @Flag({ description: 'A claimed time is confirmed by a second person' })
  readonly timeByTwo!: boolean;
  @Flag({ description: 'A deadline is extended with the approval of a second person' })
  readonly extensionByTwo!: boolean;
  @Flag({ description: 'A conflict of interest is withdrawn by a person who neither has nor declared it' })
  readonly conflictByTwo!: boolean;
  @Flag({
    description:
      'Only verified authority lets a person act for another or be told; off: claimed authority is enough, never to be paid',
  })
  readonly authorityRequired!: boolean;
  @Count({ description: 'Attempts', example: 3 }) readonly deliveryAttempts!: number;
  @Count({ description: 'Days', example: 2 }) readonly attemptDays!: number;
  @Count({ description: 'Hours', example: 1 }) readonly bounceWindow!: number;
  @Count({ description: 'Days', example: 7 }) readonly followUpDays!: number;
  @Count({ description: 'Hours', example: 24 }) readonly followUpMinimum!: number;
  @Count({ description: 'Days', example: 90 }) readonly reopenDays!: number;
  @Count({ description: 'Days', example: 30 }) readonly offerValidDays!: number;
  @Count({ description: 'Days', example: 3 }) readonly firstContactWithin!: number;
  @Count({ description: 'Hours', example: 24 }) readonly recordingTolerance!: number;
  @Count({ description: 'Minutes', example: 2 }) readonly timeTolerance!: number;
  @Count({ description: 'Score of 5', example: 4 }) readonly satisfiedScore!: number;
  @Flag({ description: 'A low score re-opens the complaint' })
  readonly lowScoreReopens!: boolean;
  @Count({ description: 'Days', example: 90 }) readonly recurrenceDays!: number;
  @Count({ description: 'Per cent; 0 is off', example: 0 }) readonly completenessMinimum!: number;
  @Count({ description: 'Per cent; 0 is off', example: 0 }) readonly duplicateAutoLink!: number;
  @Flag({ description: 'An erasure needs a second person' })
  readonly erasureByTwo!: boolean;
  @Count({ description: 'Days; 0 is none', example: 0 }) readonly retentionMinimum!: number;
  @Count({ description: 'Days; 0 is never', example: 0 }) readonly retentionDays!: number;
  @Count({ description: 'Per cent', example: 10 }) readonly qualitySampleShare!: number;
  @Code(MODES) readonly seriousContactMode!: ContactMode;
  @Code(MODES) readonly complexContactMode!: ContactMode;
  @Code(LANGUAGES) readonly defaultLanguage!: HouseRules['defaultLanguage'];
}

@Schema({ summary: 'A version of the house rules' })
export class HouseRulesFileVersion implements PublishedHouseRules {
  @Count({ description: 'Number of the version', example: 1 })
  readonly version!: number;
  @Timestamp({ description: 'From when on commands are decided by it' })
  readonly effectiveFrom!: string;
  @Nested(() => HouseRulesFile)
  readonly rules!: HouseRulesFile;
  @AnyText({ optional: true, description: 'Why the rules changed', example: 'From now on two people decide' })
  readonly note?: string;
  @Timestamp({ description: 'When it was published' })
  readonly publishedAt!: string;
  @AnyText({ description: 'Who published it', example: 'supervisor-1' })
  readonly publishedBy!: string;
}

@Schema({ summary: 'The house rules in force, and all versions' })
export class HousePolicyFile {
  @Count({ description: 'The version in force', example: 1 })
  readonly inForce!: number;
  @AnyText({ each: true, description: 'Rules for two people that are off', example: 'inadmissibleByTwo' })
  readonly rulesOff!: readonly string[];
  @ListOf(() => HouseRulesFileVersion, { description: 'The versions, the first one first' })
  readonly versions!: readonly HouseRulesFileVersion[];
}

const RECOURSES = enumeration(
  'RecourseRule',
  RECOURSE_RULES,
  'Whether a letter tells how to take the complaint further',
);

@Schema({ summary: 'What letters of one kind must tell' })
export class LetterRuleFile implements LetterRule {
  @Code(RECOURSES)
  readonly recourse!: LetterRule['recourse'];
  @AnyText({
    each: true,
    description: 'Bodies to which the complainant may turn',
    example: 'Financial Ombudsman Service',
  })
  readonly bodies!: readonly string[];
  @Nested(() => PeriodOfTime, { optional: true, description: 'How long, from the letter on' })
  readonly referWithin?: PeriodOfTime;
  @AnyText({ each: true, description: 'Leaflets that go with the letter', example: 'fos-consumer-leaflet' })
  readonly leaflets!: readonly string[];
  @AnyText({ each: true, description: 'Languages of the letter', example: [] })
  readonly languages!: readonly string[];
}

@Schema({ summary: 'A code of a list' })
export class TaxonomyFileCode implements TaxonomyCode {
  @AnyText({ description: 'The code', example: 'minibar' })
  readonly code!: string;
  @AnyText({ optional: true, description: 'English label', example: 'Minibar' })
  readonly en?: string;
  @AnyText({ optional: true, description: 'Chinese label', example: '迷你吧' })
  readonly zh?: string;
  @AnyText({ each: true, description: 'Codes of earlier versions that are read as this one', example: 'bar' })
  readonly replaces!: readonly string[];
}

@Schema({ summary: 'A list of codes' })
export class TaxonomyFileList implements TaxonomyList {
  @AnyText({ description: 'Name of the list', example: 'issue' })
  readonly name!: string;
  @ListOf(() => TaxonomyFileCode, { description: 'Its codes' })
  readonly codes!: readonly TaxonomyFileCode[];
}

@Schema({ summary: 'A version of a response policy' })
export class ResponsePolicyVersion {
  @AnyText({ description: 'Id of the policy', example: 'fca' })
  readonly id!: string;
  @Count({ description: 'Number of the version', example: 1 })
  readonly version!: number;
  @Timestamp({ description: 'From when on letters follow it' })
  readonly effectiveFrom!: string;
  @Timestamp({ optional: true, description: 'Until when letters follow it' })
  readonly effectiveTo?: string;
  @AnyObject({ description: 'Complaints to which it applies', example: { product: { $in: ['loan'] } } })
  readonly appliesIf!: JsonObject;
  @MapOf(() => LetterRuleFile, { description: 'What letters must tell, by kind', nameExample: 'reject' })
  readonly letters!: Readonly<Record<string, LetterRuleFile>>;
  @AnyText({ optional: true, description: 'The law on which it rests', example: 'DISP 1.6.2R' })
  readonly legalBasis?: string;
  @AnyText({ optional: true, description: 'Why it changed', example: 'New leaflet' })
  readonly note?: string;
}

@Schema({ summary: 'A version of the taxonomy' })
export class TaxonomyFileVersion implements TaxonomyVersion {
  @Count({ description: 'Number of the version', example: 2 })
  readonly version!: number;
  @Timestamp({ description: 'From when on records are classified by it' })
  readonly effectiveFrom!: string;
  @ListOf(() => TaxonomyFileList, { description: 'The lists' })
  readonly lists!: readonly TaxonomyFileList[];
  @AnyText({ optional: true, description: 'Why the lists changed', example: 'The bar was closed' })
  readonly note?: string;
}

@Schema({ summary: 'The published versions of the taxonomy' })
export class TaxonomyFile {
  @Count({ description: 'The version in force', example: 2 })
  readonly inForce!: number;
  @ListOf(() => TaxonomyFileVersion, { description: 'The versions after that of Redress itself, which is version 1' })
  readonly versions!: readonly TaxonomyFileVersion[];
}

@Schema({ summary: 'All versions of the response policies' })
export class ResponsePolicyList {
  @ListOf(() => ResponsePolicyVersion, { description: 'By policy, then by version' })
  readonly items!: readonly ResponsePolicyVersion[];
}
