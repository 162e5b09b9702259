/**
 * @file Findings as SARIF 2.1.0, which code hosts and editors show beside the lines.
 *
 * @source OASIS SARIF 2.1.0, sections 3.13 (log), 3.14 (run), 3.27 (result), 3.49 (rule)
 */
import { createHash } from "node:crypto";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Evidence, Observation } from "../../inspect/index.ts";
import { type Finding, type Place, placeText, problemKind, type Severity } from "../../problem/index.ts";
import type { DataCheck } from "./topics.ts";

/** Rows of one finding that are listed; viewers show a few thousand results in all. */
const resultsMost = 1000;

/** Where files are. */
export interface SarifPlaces {
  /** The folder that names in the findings start from: the recipe's. */
  readonly folder: string;
  /** The folder that addresses start from: where the user stands, which for a code host is the repository. */
  readonly root: string;
}

/** What a result is made with. */
interface Log {
  readonly check: DataCheck;
  readonly places: SarifPlaces;
  /** Codes in the order of the rules. */
  readonly codes: readonly string[];
}

/** The check as one SARIF log; every row of a finding is a result. */
export function sarifOf(check: DataCheck, version: string, places: SarifPlaces): object {
  const codes = [...new Set(check.findings.map(({ code }) => code))];
  const log = { check, places, codes };
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "tunewise", semanticVersion: version, rules: codes.map(ruleOf) } },
        columnKind: "utf16CodeUnits",
        results: check.findings.flatMap((finding) => resultsOf(finding, check.observations, log)),
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

function resultsOf(finding: Finding, observations: readonly Observation[], log: Log): object[] {
  const evidence = observations.find((one) => one.finding === finding)?.evidence ?? [];
  if (evidence.length === 0) return [resultOf(finding, finding.detail, finding.where[0], log)];
  const listed = evidence
    .slice(0, resultsMost)
    .map((one) =>
      resultOf(finding, `${finding.title}: ${rowName(one.place)}${one.reason}`, one.place, log, one),
    );
  const left = evidence.length - listed.length;
  if (left > 0) listed.push(resultOf(finding, `${finding.title}: ${left} more rows`, undefined, log));
  return listed;
}

/** Where a file has no lines an address cannot say which row is meant. */
function rowName({ row, line }: Place): string {
  return row === undefined || line !== undefined ? "" : `row ${row}: `;
}

const levels: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "note" };

/** A result without a place of its own is one of the recipe: code hosts drop results without any. */
function resultOf(
  finding: Finding,
  text: string,
  place: Place | undefined,
  log: Log,
  evidence?: Evidence,
): object {
  const identity = `${finding.code} ${place ? placeText(place) : ""} ${text}`;
  const sentence = text.replace(/\.$/, "");
  return {
    ruleId: finding.code,
    ruleIndex: log.codes.indexOf(finding.code),
    level: levels[finding.severity],
    message: { text: finding.fix === "" ? `${sentence}.` : `${sentence}. Fix: ${finding.fix}` },
    locations: [locationOf(place ?? { file: log.check.recipe }, log)],
    ...(evidence?.other ? { relatedLocations: [{ id: 1, ...locationOf(evidence.other, log) }] } : {}),
    partialFingerprints: { "tunewise/v1": createHash("sha256").update(identity).digest("hex").slice(0, 32) },
  };
}

function locationOf({ file, line, column }: Place, log: Log): object {
  const region =
    line === undefined ? {} : { region: { startLine: line, ...(column ? { startColumn: column } : {}) } };
  return { physicalLocation: { artifactLocation: { uri: addressOf(file, log) }, ...region } };
}

/** Relative where the file lies below the root; every part escaped, so that `#` and `?` stay part of a name. */
function addressOf(file: string, { check, places }: Log): string {
  const path = file === check.recipe ? resolve(places.root, file) : resolve(places.folder, file);
  const inside = relative(places.root, path);
  const isOutside = inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  if (isOutside) return pathToFileURL(path).href;
  const escaped = inside.split(sep).map(encodeURIComponent).join("/");
  return escaped === "" ? "." : escaped;
}
