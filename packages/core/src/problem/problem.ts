/** @file The one error type of tunewise and the shape of a catalog entry. */

/** What a catalog entry may be given to fill its sentences. */
export type ProblemArguments = Readonly<Record<string, string | number>>;

/** A kind of failure: its words, its fix and the exit code it leads to. */
export interface ProblemKind {
  /** A few words, no numbers. */
  readonly title: string;
  /** What was asked, what was found, the numbers that clash; `{name}` stands for an argument. */
  readonly message: string;
  /** One thing to do, as a command where possible; `{name}` as above. */
  readonly fix: string;
  /** 1 failed · 2 a check said no · 3 needs a yes · 4 credentials · 64 usage or recipe · 130 interrupted */
  readonly exitCode: 1 | 2 | 3 | 4 | 64 | 130;
  /** Version that first had the code. */
  readonly since: string;
  /** A paragraph for `tunewise explain CODE`. */
  readonly docs: string;
}

/** A kind as the catalog writes it; defaults: exit code 1, since 0.1.0. */
export type ProblemEntry = Omit<ProblemKind, "exitCode" | "since"> &
  Partial<Pick<ProblemKind, "exitCode" | "since">>;

/** A place in a text file; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  /** Number of a record in a data file, from 1, whatever lines it takes; a table's header is not counted. */
  readonly row?: number;
  readonly line?: number;
  readonly column?: number;
  /** The source line, so that a face can draw a caret below it. */
  readonly text?: string;
}

const marker = Symbol.for("tunewise.error");

/**
 * The tool cannot do what was asked. Made only by `problem(...)`, from the catalog.
 *
 * @example
 * import { createRuntime, loadRecipe, TunewiseError } from "tunewise/plan";
 *
 * try {
 *   await loadRecipe("missing.yaml", createRuntime());
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
  /** Values of the message. */
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

  /** What to do about it, ready to paste. */
  get fix(): string {
    return fill(this.kind.fix, this.params);
  }

  /** Recognizes an error of ours by marker, so that two copies of the package agree. */
  static is(value: unknown): value is TunewiseError {
    return typeof value === "object" && value !== null && (value as { brand?: unknown }).brand === marker;
  }
}

/** The template with each `{name}` replaced by its argument; a missing one stays visible. */
function fill(template: string, params: ProblemArguments): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
