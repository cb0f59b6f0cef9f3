import { closeSync, openSync, realpathSync, writeSync } from 'node:fs';
import { PRIVATE_FILE_MODE, makePrivate } from '../platform/private-files.js';
import { UserError } from './invocation.js';

/** A file with the result of each line of an import, one JSON object per line, in the order of the lines. */
export class ResultsFile {
  private constructor(private readonly file: number) {}

  /**
   * Creates or replaces the file before anything is imported, so that the import does not begin if it cannot be written.
   * @param sources the imported files, which must not be overwritten
   * @throws UserError if the file cannot be written
   */
  static create(path: string, sources: readonly string[]): ResultsFile {
    if (sources.some((source) => realpathSync(source) === realPathOf(path)))
      throw new UserError(`${path} is a file to import; use another file for the results`);
    try {
      const file = openSync(path, 'w', PRIVATE_FILE_MODE);
      makePrivate(path);
      return new ResultsFile(file);
    } catch (error) {
      throw new UserError(`the file for the results cannot be written: ${(error as Error).message}`, { cause: error });
    }
  }

  /** @throws Error if the disk is full */
  add(result: object): void {
    writeSync(this.file, `${JSON.stringify(result)}\n`);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** The path without symbolic links; undefined if there is no such file. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
