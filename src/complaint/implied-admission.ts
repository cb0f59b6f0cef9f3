import type { Complaint } from './complaint.js';
import { ComplaintAdmitted } from './events.js';

/**
 * The missing admission that a step implies: from Received to another open stage, the resolution at first contact, and
 * reopening. Empty if the complaint is admitted.
 */
export const impliedAdmission = ({ admittedAt }: Pick<Complaint, 'admittedAt'>) =>
  admittedAt === null ? [ComplaintAdmitted({ implied: true })] : [];
