/** @file The one error type of tunewise and the shape of a catalog entry. */

/** Parameters that fill the sentences of a catalog entry. */
export type ProblemArguments = Readonly<Record<string, string | number>>;

/** A kind of failure: its wording, its fix and its exit code. */
export interface ProblemKind {
  /** A few words, no numbers. */
  readonly title: string;
  /** What was requested, what was found, the conflicting numbers; `{name}` stands for a parameter. */
  readonly message: string;
  /** The action to take, as a command if possible; `{name}` as above. */
  readonly fix: string;
  /** 1 failed · 2 a check failed · 3 needs confirmation · 4 credentials · 64 usage or recipe · 130 interrupted */
  readonly exitCode: 1 | 2 | 3 | 4 | 64 | 130;
  /** Version that introduced the code. */
  readonly since: string;
  /** A paragraph for `tunewise explain CODE`. */
  readonly docs: string;
  /** The group of codes that callers treat alike; most codes belong to none. */
  readonly area?: ProblemArea;
}

/**
 * Groups of codes that callers treat alike:
 *
 * - `store`: the store of runs cannot be used now
 * - `run-file`: a file of a run's folder cannot be read or written
 * - `artifacts`: the place of clients' files cannot be written
 * - `model`: a model's files are missing, damaged or not supported
 * - `leak`: held-out rows are also in training
 */
export type ProblemArea = "store" | "run-file" | "artifacts" | "model" | "leak";

/** An entry as written in the catalog; defaults: exit code 1, since 0.1.0. */
export type ProblemEntry = Omit<ProblemKind, "exitCode" | "since"> &
  Partial<Pick<ProblemKind, "exitCode" | "since">>;

/** A place in a text file; lines and columns are 1-based. */
export interface Place {
  readonly file: string;
  /** 1-based number of a record in a data file, independent of lines; a table's header is not counted. */
  readonly row?: number;
  readonly line?: number;
  readonly column?: number;
  /** The source line, so that the CLI can draw a caret below it. */
  readonly text?: string;
}

const marker = Symbol.for("tunewise.error");

/**
 * The error of tunewise: it cannot do what was requested. Created only by `problem(...)`, from the catalog.
 *
 * @example
 * import { loadRecipe, TunewiseError } from "tunewise/plan";
 *
 * try {
 *   await loadRecipe("missing.yaml");
 * } catch (error) {
 *   if (!TunewiseError.is(error)) throw error;
 *   console.log(error.code, error.kind.exitCode); // RECIPE_NOT_FOUND 64
 *   console.log(error.fix); // tunewise init
 * }
 */
export class TunewiseError extends Error {
  /** Upper snake, such as `RECIPE_NOT_FOUND`; never renamed. */
  readonly code: string;
  /** Title, exit code and explanation of the code. */
  readonly kind: ProblemKind;
  /** Parameters of the message. */
  readonly params: ProblemArguments;
  /** File, line and column, if the problem has a place. */
  readonly where: Place | undefined;
  readonly brand: symbol = marker;

  constructor(code: string, kind: ProblemKind, params: ProblemArguments, where?: Place, cause?: unknown) {
    super(fill(kind.message, params), cause === undefined ? undefined : { cause });
    this.name = "TunewiseError";
    this.code = code;
    this.kind = kind;
    this.params = params;
    this.where = where;
  }

  /** The action to take, ready to paste. */
  get fix(): string {
    return fill(this.kind.fix, this.params);
  }

  /** Recognizes the error by a marker, so that two copies of the package recognize each other's errors. */
  static is(value: unknown): value is TunewiseError {
    return typeof value === "object" && value !== null && (value as { brand?: unknown }).brand === marker;
  }
}

/** Replaces each `{name}` in the template by its parameter; one without a parameter stays visible. */
function fill(template: string, params: ProblemArguments): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** Whether an error belongs to one of the areas. */
export function isProblemIn(error: unknown, ...areas: readonly ProblemArea[]): error is TunewiseError {
  return TunewiseError.is(error) && error.kind.area !== undefined && areas.includes(error.kind.area);
}
