/**
 * @file `tunewise check`: what is wrong or odd in recipe and data.
 */
import { blocks, checkData, type DataCheck, loadRecipe } from "../../flow/index.ts";
import type { Finding } from "../../problem/index.ts";
import { countText } from "../../quantity/index.ts";
import { type Call, textFlag } from "../command.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import type { Face } from "../face.ts";
import { placeName, plain } from "../render/place.ts";
import { findingsText } from "../render/problem.ts";
import { sparkline } from "../render/sparkline.ts";
import { tableText } from "../render/table.ts";
import { downloadTeller, hostOf, overridesOf } from "./surroundings.ts";

/** Columns of the histogram of lengths. */
const histogramColumns = 24;

/** Checks and shows; 2 if something is as severe as `--fail-on` says. */
export async function handle(call: Call, face: Face): Promise<number> {
  const host = hostOf(face);
  const loaded = await loadRecipe(call.words[0] ?? "tunewise.yaml", host, overridesOf(call));
  const check = await checkData(loaded, host, downloadTeller(face));
  const blocked = blocks(check.findings, textFlag(call, "fail-on") === "warning" ? "warning" : "error");
  const shown = textFlag(call, "show");
  if (face.json) face.document({ ok: !blocked, ...check });
  else if (shown !== null) face.result(placesText(check.findings, shown.toUpperCase()));
  else {
    face.result(checkText(check));
    if (check.findings.length > 0) face.result(`\n${findingsText(check.findings, face.paint)}`);
    face.talk(`\nnext: ${blocked ? "mend the errors, then tunewise check" : "tunewise plan"}`);
  }
  return blocked ? CHECK_SAID_NO : DONE;
}

function checkText({ name, model, origin, splits, padding }: DataCheck): string {
  const columns = ["", "rows", "tokens", "with loss", "p50", "p90", "longest", "cut", "left out"];
  const table = tableText(
    [
      ...columns.map((head, at) => ({ head, align: at === 0 ? ("left" as const) : ("right" as const) })),
      { head: "lengths" },
    ],
    splits.map(({ name: split, statistics }) => [
      split,
      String(statistics.rows),
      countText(statistics.tokens),
      countText(statistics.labelledTokens),
      String(statistics.total.p50),
      String(statistics.total.p90),
      String(statistics.total.max),
      String(statistics.truncated),
      String(statistics.dropped + statistics.unusable),
      sparkline(
        statistics.total.histogram.map(({ count }) => count),
        histogramColumns,
      ),
    ]),
  );
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const waste = padding
    ? [
        `\n\npadding a batch would carry elsewhere: shuffled ${percent(padding.shuffle.paddingShare)}`,
        `by length ${percent(padding.length.paddingShare)}`,
        `packed ${percent(padding.pack.paddingShare)}; here only attention pads`,
      ].join(", ")
    : "";
  return `${plain(name)}: ${plain(model)} (${origin})\n\n${table}${waste}`;
}

/** Every place of one finding, a line each. */
function placesText(findings: readonly Finding[], code: string): string {
  const chosen = findings.filter((finding) => finding.code === code);
  if (chosen.length === 0) {
    const codes = [...new Set(findings.map((finding) => finding.code))].join(", ");
    return `no finding ${plain(code)}; found: ${codes === "" ? "none" : codes}`;
  }
  return chosen
    .flatMap(({ detail, where, count }) => [
      plain(detail),
      ...where.map((place) => `  ${placeName(place)}${place.text ? `  ${plain(place.text)}` : ""}`),
      ...(count > where.length ? [`  and ${count - where.length} more places`] : []),
    ])
    .join("\n");
}
