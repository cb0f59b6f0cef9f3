import { stringify } from 'csv-stringify/sync';
import { closeSync, fstatSync, ftruncateSync, openSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { PRIVATE_FILE_MODE, makePrivate } from '../platform/private-files.js';
import { UserError } from './invocation.js';

/** A rejected value of an imported file, and the reason. */
export interface Reject {
  readonly file: string;
  readonly line: number;
  readonly column: string;
  readonly value: string;
  readonly reason: string;
  readonly code: string;
}

const COLUMNS = ['file', 'line', 'column', 'value', 'reason', 'code'] as const;

/**
 * A CSV file of rejected values. It is opened before anything is imported, so that the import does not begin if the file
 * cannot be written. After an import without rejected values there is no file, not even one of an earlier import.
 */
export class RejectsFile {
  private hasBegun = false;
  private isEmpty = true;

  private constructor(
    private readonly path: string,
    private readonly file: number,
  ) {}

  /**
   * Opens the file; keeps its content until `begin`.
   * @param sources the imported files, which must not be overwritten
   * @throws UserError if the file cannot be written
   */
  static open(path: string, sources: readonly string[]): RejectsFile {
    let file: number;
    try {
      file = openSync(path, 'a', PRIVATE_FILE_MODE);
    } catch (error) {
      throw new UserError(`the file for rejected lines cannot be written: ${(error as Error).message}`, {
        cause: error,
      });
    }
    const rejects = new RejectsFile(path, file);
    if (sources.some((source) => realpathSync(source) === realpathSync(path))) {
      rejects.close();
      throw new UserError(`${path} is a file to import; use another file for rejected lines`);
    }
    makePrivate(path);
    return rejects;
  }

  /** Removes the content of an earlier import. */
  begin(): void {
    this.hasBegun = true;
    if (this.isRegular()) ftruncateSync(this.file);
  }

  /** @throws Error if the disk is full */
  add(reject: Reject): void {
    // escaped: a spreadsheet program must not run an imported value as a formula
    const row = stringify([reject], { header: this.isEmpty, columns: [...COLUMNS], escape_formulas: true });
    this.isEmpty = false;
    writeSync(this.file, row);
  }

  /** Closes the file; removes it if it has no rejected values of this import and none of an earlier one. */
  close(): void {
    const isUseless = this.isEmpty && this.isRegular() && (this.hasBegun || fstatSync(this.file).size === 0);
    closeSync(this.file);
    if (isUseless) rmSync(this.path);
  }

  private readonly isRegular = (): boolean => fstatSync(this.file).isFile();
}
