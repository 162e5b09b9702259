/** @file Result of scanning a file for pickles, and findings about pickles beside a model. */
import { type Observation, observe } from "../observation.ts";

/** An import that a pickle requests. */
interface PickleImport {
  /** `os.system`; with `?` for parts only computed while unpickling. */
  readonly name: string;
  /** Byte offset in the file or in its member. */
  readonly offset: number;
  /** The archive member, nested ones separated by `/`; empty for the file itself. */
  readonly member: string;
}

/** Why a file must not be loaded, apart from its imports. */
interface PickleFault {
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
  /** Damaged streams and archives, which different readers may interpret differently. */
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
    if (this.imports.length < maxKept) this.imports.push({ name, offset, member });
    if (!isSafe && this.unsafe.length < maxKept) this.unsafe.push({ name, offset, member });
  }

  /** Records a fault. */
  fault(reason: string, offset: number, member: string): void {
    if (this.faults.length < maxKept) this.faults.push({ reason, offset, member });
  }
}

/** Max recorded imports, so that a hostile file cannot exhaust memory. */
const maxKept = 10_000;

/**
 * `MODEL_PICKLE_UNSAFE` for each file with disallowed imports or damage, `MODEL_PICKLE` for the others. Neither is
 * an error: tunewise never loads them, whatever they contain.
 */
export function tellPickles(reports: readonly PickleReport[]): Observation[] {
  const harmless = reports.filter(
    ({ pickles, unsafe, faults }) => pickles > 0 && unsafe.length + faults.length === 0,
  );
  const evidence = harmless.map(({ file }) => ({
    place: { file },
    reason: "a pickle that contains only weights, not read",
  }));
  const [first] = harmless;
  return [
    ...reports.flatMap(tellUnsafe),
    ...(first === undefined ? [] : [observe("MODEL_PICKLE", "note", { first: first.file }, evidence)]),
  ];
}

function tellUnsafe({ file, unsafe, faults }: PickleReport): Observation[] {
  const reasons = [
    ...unsafe.map(({ name, offset, member }) => `imports ${shown(name)} at byte ${offset}${within(member)}`),
    ...faults.map(({ reason, offset, member }) => `${reason}, at byte ${offset}${within(member)}`),
  ];
  const [first] = reasons;
  if (first === undefined) return [];
  const evidence = reasons.map((reason) => ({ place: { file }, reason }));
  return [observe("MODEL_PICKLE_UNSAFE", "warning", { file, first }, evidence)];
}

function within(member: string): string {
  return member === "" ? "" : ` of ${shown(member)}`;
}

/** Names come from the file, so they are shortened and stripped of terminal control characters. */
function shown(name: string): string {
  return name.slice(0, 120).replace(/[^\x20-\x7e]/g, "?");
}
