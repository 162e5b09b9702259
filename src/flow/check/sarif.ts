/**
 * @file Findings as SARIF 2.1.0, which code hosts and editors show beside the lines.
 *
 * @source OASIS SARIF 2.1.0, sections 3.13 (log), 3.14 (run), 3.27 (result), 3.49 (rule)
 */
import { createHash } from "node:crypto";
import type { Evidence, Observation } from "../../inspect/index.ts";
import { type Finding, type Place, placeText, problemKind, type Severity } from "../../problem/index.ts";
import type { DataCheck } from "./check-data.ts";

/** Rows of one finding that are listed; viewers show a few thousand results in all. */
const resultsMost = 1000;

/** The check as one SARIF log; every row of a finding is a result. */
export function sarifOf(check: DataCheck, version: string): object {
  const codes = [...new Set(check.findings.map(({ code }) => code))];
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "tunewise",
            semanticVersion: version,
            rules: codes.map(ruleOf),
          },
        },
        columnKind: "utf16CodeUnits",
        results: check.findings.flatMap((finding) => resultsOf(finding, check.observations)),
      },
    ],
  };
}

function ruleOf(code: string): object {
  const kind = problemKind(code);
  return {
    id: code,
    ...(kind
      ? {
          shortDescription: { text: kind.title },
          fullDescription: { text: kind.docs },
          help: { text: kind.docs },
        }
      : {}),
  };
}

function resultsOf(finding: Finding, observations: readonly Observation[]): object[] {
  const evidence = observations.find((one) => one.finding === finding)?.evidence ?? [];
  if (evidence.length === 0) return [resultOf(finding, finding.detail, finding.where[0])];
  const listed = evidence
    .slice(0, resultsMost)
    .map((one) => resultOf(finding, `${finding.title}: ${one.reason}`, one.place, one));
  const left = evidence.length - listed.length;
  if (left > 0) listed.push(resultOf(finding, `${finding.title}: ${left} more rows`, undefined));
  return listed;
}

const levels: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "note" };

function resultOf(finding: Finding, text: string, place: Place | undefined, evidence?: Evidence): object {
  const identity = `${finding.code} ${place ? placeText(place) : ""} ${text}`;
  return {
    ruleId: finding.code,
    level: levels[finding.severity],
    message: { text: finding.fix === "" ? text : `${text}. Fix: ${finding.fix}` },
    ...(place ? { locations: [locationOf(place)] } : {}),
    ...(evidence?.other ? { relatedLocations: [{ id: 1, ...locationOf(evidence.other) }] } : {}),
    partialFingerprints: { "tunewise/v1": createHash("sha256").update(identity).digest("hex").slice(0, 32) },
  };
}

function locationOf({ file, line, column }: Place): object {
  const region =
    line === undefined ? {} : { region: { startLine: line, ...(column ? { startColumn: column } : {}) } };
  return {
    physicalLocation: { artifactLocation: { uri: encodeURI(file.replaceAll("\\", "/")) }, ...region },
  };
}
