/** @file Finds files that repeat names of a closed set, whose compiler errors or silence an addition would depend on. */

import { dataEndings } from "@tunewise/core/format";
import { optimizerNames } from "@tunewise/core/run";
import { families } from "../../../packages/engine/src/families/index.ts";
import { metricNames } from "../../../packages/tunewise/src/recipe/index.ts";

/** A closed set, and the number of its names from which a file counts as a list of them. */
interface ClosedSet {
  readonly kind: string;
  readonly names: readonly string[];
  readonly listed: number;
}

const sets: readonly ClosedSet[] = [
  { kind: "Optimizer", names: optimizerNames, listed: 2 },
  { kind: "Metric", names: metricNames, listed: 3 },
  { kind: "Data format", names: dataEndings, listed: 4 },
  { kind: "Model family", names: Object.keys(families), listed: 4 },
];

/** Files that list names of a set for another reason than to support each of them. */
export const explained: Readonly<Record<string, string>> = {
  "worker/tunewise_worker/contract.py": "generated from the table",
  "packages/tracker/src/admission/headline.ts": "keys that other programs log",
  "packages/tracker/src/server/wandb/run-files.ts": "media types of uploaded files",
  "packages/tunewise/src/cli/commands/prepare.ts": "examples of commands",
  "packages/tunewise/src/evaluate/scoring/row-scorers.ts": "metrics that score each row alone",
  "packages/tunewise/src/evaluate/scoring/read-assertions.ts": "assertions of promptfoo",
  "packages/tunewise/src/recipe/complete.ts": "default metrics of each task",
  "packages/tunewise/src/recipe/conflict-scoring.ts": "metrics that need a key of their own",
  "packages/tunewise/src/app/dashboard/run-files.ts": "how the page shows logged files",
  "packages/tunewise/src/catalog/known-models.ts": "published models",
};

/** Files that list names of a set, by the kind of addition. */
export function findRepetitions(
  paths: readonly string[],
  read: (path: string) => string,
): readonly { readonly kind: string; readonly path: string }[] {
  const patterns = sets.map(({ kind, names, listed }) => ({
    kind,
    listed,
    // quoted, in alternatives of a regular expression, or as a key
    names: names.map((name) => new RegExp(`(["'|(.])${name}(["'|)])|^\\s+${name}:`, "m")),
  }));
  return paths.flatMap((path) => {
    const text = read(path);
    return patterns
      .filter(({ names, listed }) => names.filter((name) => name.test(text)).length >= listed)
      .map(({ kind }) => ({ kind, path }));
  });
}
