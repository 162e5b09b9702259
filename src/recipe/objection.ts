/**
 * @file What a rule says against a recipe.
 */
import type { Path } from "./yaml.ts";

/** What is wrong, and what would mend it. */
export interface Objection {
  /** The key that should change. */
  readonly path: Path;
  readonly detail: string;
  readonly fix: string;
  /** The run would start, but the setting does not do what it says. */
  readonly doubt?: true;
}
