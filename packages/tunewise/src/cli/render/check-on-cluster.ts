/** @file Result of a check on a cluster, as text. */
import type { ClusterCheck } from "../../app/check/index.ts";
import type { Paint } from "./paint.ts";
import { findingsText, placeName } from "./problem.ts";
import { tableText } from "./table.ts";
import { plain } from "./terminal.ts";

/** Rows of each split, the findings, and checks that were not made. */
export function clusterText({ name, rows, findings, leftOut, folder }: ClusterCheck, paint: Paint): string {
  const table = tableText(
    ["", "#rows"],
    Object.entries(rows)
      .filter(([part, count]) => count > 0 || part === "train")
      .map(([part, count]) => [part, String(count)]),
  );
  const found = findings.length === 0 ? "no findings" : findingsText(findings, paint);
  const left = `Not looked for on a cluster: ${leftOut.join(", ")}`;
  return [plain(name), table, found, `${left}\nEvery row found: ${plain(folder)}/observations.jsonl`].join(
    "\n\n",
  );
}

/** Every row of the findings with a code, without the rows' texts, which stay on the cluster. */
export function clusterEvidenceText({ findings, observations }: ClusterCheck, code: string): string {
  const chosen = findings.filter((finding) => finding.code === code);
  if (chosen.length === 0) {
    const codes = [...new Set(findings.map((finding) => finding.code))].join(", ");
    return `no finding ${plain(code)}; found: ${codes === "" ? "none" : codes}`;
  }
  return chosen
    .map((finding) => {
      const evidence = observations.find((one) => one.finding.detail === finding.detail)?.evidence ?? [];
      const lines =
        evidence.length > 0
          ? evidence.map(({ place, reason }) => `  ${placeName(place)}: ${plain(reason)}`)
          : finding.where.map((place) => `  ${placeName(place)}`);
      return [plain(finding.detail), ...lines].join("\n");
    })
    .join("\n\n");
}
