/** @file A conflict found by a rule. */
import type { Path } from "./yaml.ts";

/** A problem and its fix. */
export interface Objection {
  /** The key that should change. */
  readonly path: Path;
  readonly detail: string;
  readonly fix: string;
  /** The run would start, but the setting has no effect or an unlikely one. */
  readonly doubt?: true;
}
