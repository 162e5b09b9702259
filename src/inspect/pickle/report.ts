/**
 * @file What a scan of a file for pickles found.
 */

/** Something that a pickle asks for. */
export interface PickleImport {
  /** `os.system`; with `?` for what is made only while reading. */
  readonly name: string;
  /** Byte in the file or in its member. */
  readonly offset: number;
  /** The member of an archive, nested ones by `/`; empty for the file itself. */
  readonly member: string;
}

/** Why a file must not be read, other than by what it imports. */
export interface PickleFault {
  readonly reason: string;
  readonly offset: number;
  readonly member: string;
}

/** What is in a file. */
export interface PickleReport {
  readonly file: string;
  /** Pickles that were walked through; 0 where the file holds none. */
  readonly pickles: number;
  readonly imports: readonly PickleImport[];
  /** Imports that are not of what weights are rebuilt with. */
  readonly unsafe: readonly PickleImport[];
  /** Broken streams and archives, which a reader may take otherwise than they seem. */
  readonly faults: readonly PickleFault[];
}

/** A report in the making. */
export class Collected {
  pickles = 0;
  readonly imports: PickleImport[] = [];
  readonly unsafe: PickleImport[] = [];
  readonly faults: PickleFault[] = [];

  /** Notes down an import; an unsafe one twice. */
  import(name: string, offset: number, member: string, isSafe: boolean): void {
    if (this.imports.length < keptMost) this.imports.push({ name, offset, member });
    if (!isSafe && this.unsafe.length < keptMost) this.unsafe.push({ name, offset, member });
  }

  /** Notes down a fault. */
  fault(reason: string, offset: number, member: string): void {
    if (this.faults.length < keptMost) this.faults.push({ reason, offset, member });
  }
}

/** A hostile file must not fill the memory with its imports. */
const keptMost = 10_000;
