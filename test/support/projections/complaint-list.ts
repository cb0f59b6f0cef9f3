import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { complaints, type ComplaintEntry } from '../../../projections/complaints/projection.js';
import { EmbeddedReadModels } from '../../../src/readmodels/embedded/embedded-read-models.js';
import type { Document } from '../../../src/readmodels/read-models.js';
import { replaceLiveDocuments } from '../read-models/serve.js';

/** A file of embedded read models with the list of complaints. */
export class ComplaintListFile {
  private readonly folder = mkdtempSync(join(tmpdir(), 'redress-list-'));
  readonly path = join(this.folder, 'views.db');
  readonly readModels = EmbeddedReadModels.open(this.path);

  /** Replaces the complaints in the list. */
  write(entries: Iterable<Document>): Promise<void> {
    return replaceLiveDocuments(this.readModels, complaints, entries);
  }

  async remove(): Promise<void> {
    await this.readModels.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** A complaint with some fields of a received complaint replaced. The fields need not be consistent with each other. */
export const listed = (_id: string, base: ComplaintEntry, fields: Partial<ComplaintEntry>): Document =>
  ({ ...base, ...fields, _id, _position: '1' }) as unknown as Document;
