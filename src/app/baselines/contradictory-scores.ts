/**
 * @file Findings about arms whose answers equal their references and count as wrong.
 */
import { contradictionText, findContradictions } from "../../evaluate/index.ts";
import { type Finding, findingOf } from "../../problem/index.ts";
import type { TriedArms } from "./try-arms.ts";

/** One finding `SCORE_CONTRADICTS` for each arm and metric that has such answers. */
export function contradictionsOf({ arms, references }: Pick<TriedArms, "arms" | "references">): Finding[] {
  return arms.flatMap(({ line, answers, scores }) => {
    const texts = answers.map(({ answer }) => answer);
    return findContradictions(scores, texts, references).map((one) =>
      findingOf("SCORE_CONTRADICTS", "warning", { who: line, what: contradictionText(one) }, [], one.rows),
    );
  });
}
