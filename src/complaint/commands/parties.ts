import { Code, Identifier, List, Nested, Schema, Text } from '../../platform/fields.js';
import { NATURES, type Nature } from '../terms/vocabulary.js';
import { ComplaintCommand, Contact, Party, Point } from './parts.js';

@Schema({
  summary: 'Add a point to the complaint',
  example: { point: { issue: 'The refund was promised and not paid', remedySought: 'Pay the refund' } },
})
export class AddPoint extends ComplaintCommand {
  @Nested(() => Point)
  readonly point!: Point;
}

@Schema({
  summary: 'Split a point: it stays, and the new points are decided beside it',
  example: { pointId: 'p1', points: [{ issue: 'The waiter was rude' }] },
})
export class SplitPoint extends ComplaintCommand {
  @Identifier({ description: 'Id of the point that is split', example: 'p1' })
  readonly pointId!: string;
  @List(() => Point, {
    min: 1,
    max: 20,
    description: 'The new points; category and subject are those of the split point when absent',
  })
  readonly points!: readonly Point[];
}

@Schema({
  summary: 'Split points off into a second file of another nature; the words, parties and receipt are the same',
  example: { pointIds: ['p2'], nature: 'report' },
})
export class SplitOff extends ComplaintCommand {
  @Identifier({ each: true, min: 1, max: 100, description: 'Ids of the points that leave', example: 'p2' })
  readonly pointIds!: readonly string[];
  @Code(NATURES)
  readonly nature!: Nature;
}

@Schema({
  summary: 'Finish a split that a failure interrupted; the service sends it itself',
  example: { complaintId: '0b6b2f5e-5c1f-5f0e-9a55-3f0e8f2d7a61' },
})
export class FinishSplitOff extends ComplaintCommand {
  @Identifier({ description: 'Id of the second file', example: '0b6b2f5e-5c1f-5f0e-9a55-3f0e8f2d7a61' })
  readonly complaintId!: string;
}

@Schema({
  summary: 'Add a party to the complaint',
  example: {
    party: { role: 'representative', name: '李强', contacts: [{ channel: 'email', address: 'li@example.org' }] },
  },
})
export class AddParty extends ComplaintCommand {
  @Nested(() => Party)
  readonly party!: Party;
}

@Schema({
  summary: 'Add contact details of a party',
  example: { party: 'a1', contacts: [{ channel: 'email', address: 'wang@example.org' }] },
})
export class AddContactDetails extends ComplaintCommand {
  @Identifier({ description: 'Id of the party', example: 'a1' })
  readonly party!: string;
  @List(() => Contact, { min: 1, max: 20, description: 'The contact details that are added' })
  readonly contacts!: readonly Contact[];
}

@Schema({
  summary: 'Retire contact details of a party: they stay in the file, and nothing is sent to them',
  example: { party: 'a1', contact: 'k1', reason: 'The number belongs to somebody else.' },
})
export class RetireContactDetails extends ComplaintCommand {
  @Identifier({ description: 'Id of the party', example: 'a1' })
  readonly party!: string;
  @Identifier({ description: 'Id of the contact details in the complaint file', example: 'k1' })
  readonly contact!: string;
  @Text({ max: 2000, description: 'Why they are no longer used' })
  readonly reason!: string;
}
