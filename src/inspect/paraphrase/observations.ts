/** @file Observations of paraphrases and twins that name both rows of every pair. */
import { placeText } from "../../problem/index.ts";
import { type Evidence, type Observation, observe } from "../observation.ts";
import type { Part, Row } from "../row.ts";
import type { Paraphrases } from "./find-paraphrases.ts";
import type { ParaphrasePair } from "./pair.ts";

/** What was compared. */
export interface ComparedRows {
  /** The rows, in the order of the compared texts. */
  readonly rows: readonly Row[];
  /** The held-out part, and the part it was compared with. */
  readonly split: string;
  readonly other: Part;
  /** Total number of held-out rows. */
  readonly total: number;
}

/** `DATA_LEAK_PARAPHRASE`, `DATA_LEAK_TWIN`: at most one observation each. */
export function paraphraseObservations(
  { pairs, threshold }: Paraphrases,
  compared: ComparedRows,
): Observation[] {
  const twins = pairs.filter(({ kind }) => kind === "twin");
  const others = pairs.filter(({ kind }) => kind !== "twin");
  return [
    ...observed("DATA_LEAK_PARAPHRASE", others, compared, threshold.how),
    ...observed("DATA_LEAK_TWIN", twins, compared, threshold.how),
  ];
}

function observed(
  code: "DATA_LEAK_PARAPHRASE" | "DATA_LEAK_TWIN",
  pairs: readonly ParaphrasePair[],
  { rows, split, other, total }: ComparedRows,
  how: string,
): Observation[] {
  const evidence = pairs.flatMap((pair): Evidence[] => {
    const [held, known] = [rows[pair.row], rows[pair.other]];
    if (held === undefined || known === undefined) return [];
    return [{ place: held.place, reason: reasonFor(pair, known), other: known.place }];
  });
  const [shown] = evidence;
  if (shown?.other === undefined) return [];
  const percent = ((100 * evidence.length) / total).toFixed(1);
  const first = `${placeText(shown.place)} as ${placeText(shown.other)}`;
  return [observe(code, "warning", { split, other, percent, how, first }, evidence)];
}

/** Both rows are shown beside the reason, so it does not repeat them. */
function reasonFor({ kind, score, maskedScore }: ParaphrasePair, known: Row): string {
  const place = placeText(known.place);
  return {
    paraphrase: `says what ${place} says, alike by ${score.toFixed(2)}`,
    twin: `${place} with other names or numbers, alike by ${score.toFixed(2)}, masked by ${maskedScore.toFixed(2)}`,
    "same-answer": `the answer of ${place} to a changed question, alike by ${score.toFixed(2)}`,
  }[kind];
}
