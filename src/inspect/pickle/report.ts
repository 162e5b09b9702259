/** @file Result of scanning a file for pickles. */

/** An import that a pickle requests. */
export interface PickleImport {
  /** `os.system`; with `?` for parts only computed while unpickling. */
  readonly name: string;
  /** Byte offset in the file or in its member. */
  readonly offset: number;
  /** The archive member, nested ones separated by `/`; empty for the file itself. */
  readonly member: string;
}

/** Why a file must not be loaded, apart from its imports. */
export interface PickleFault {
  readonly reason: string;
  readonly offset: number;
  readonly member: string;
}

/** The content of a file. */
export interface PickleReport {
  readonly file: string;
  /** Number of pickles walked; 0 if the file contains none. */
  readonly pickles: number;
  readonly imports: readonly PickleImport[];
  /** Imports that rebuilding weights does not need. */
  readonly unsafe: readonly PickleImport[];
  /** Broken streams and archives, which a reader may interpret differently than they appear. */
  readonly faults: readonly PickleFault[];
}

/** A report under construction. */
export class Collected {
  pickles = 0;
  readonly imports: PickleImport[] = [];
  readonly unsafe: PickleImport[] = [];
  readonly faults: PickleFault[] = [];

  /** Records an import; an unsafe one in both lists. */
  import(name: string, offset: number, member: string, isSafe: boolean): void {
    if (this.imports.length < keptMost) this.imports.push({ name, offset, member });
    if (!isSafe && this.unsafe.length < keptMost) this.unsafe.push({ name, offset, member });
  }

  /** Records a fault. */
  fault(reason: string, offset: number, member: string): void {
    if (this.faults.length < keptMost) this.faults.push({ reason, offset, member });
  }
}

/** A hostile file must not exhaust memory with its imports. */
const keptMost = 10_000;
