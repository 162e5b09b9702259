/**
 * @file Exports findings as SARIF 2.1.0, which code hosts and editors show next to the lines.
 *
 * @source OASIS SARIF 2.1.0, sections 3.13 (log), 3.14 (run), 3.27 (result), 3.49 (rule)
 */
import { createHash } from "node:crypto";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Evidence, Observation } from "@tunewise/datacheck";
import { type Finding, type Place, placeText, problemKind, type Severity } from "../../problem/index.ts";
import type { DataCheck } from "./topics.ts";

/** Maximum listed rows per finding; viewers show a few thousand results in total. */
const maxResults = 1000;

/** Base folders of files. */
export interface SarifPlaces {
  /** Base folder of names in findings: the recipe's. */
  readonly folder: string;
  /** Base folder of URIs: the working directory, which for a code host is the repository. */
  readonly root: string;
}

/** Inputs of a result. */
interface Log {
  readonly check: DataCheck;
  readonly places: SarifPlaces;
  /** Codes, in rule order. */
  readonly codes: readonly string[];
}

/** Converts a check to a SARIF log, with one result per affected row. */
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
    .slice(0, maxResults)
    .map((one) =>
      resultOf(finding, `${finding.title}: ${rowName(one.place)}${one.reason}`, one.place, log, one),
    );
  const left = evidence.length - listed.length;
  if (left > 0) listed.push(resultOf(finding, `${finding.title}: ${left} more rows`, undefined, log));
  return listed;
}

/** Files without lines cannot have a region, so the message names the row. */
function rowName({ row, line }: Place): string {
  return row === undefined || line !== undefined ? "" : `row ${row}: `;
}

const levels: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "note" };

/** Results without a location are attributed to the recipe, since code hosts drop results without one. */
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
    ...(evidence?.sources ? { properties: { scanners: evidence.sources } } : {}),
    ...(evidence?.other ? { relatedLocations: [{ id: 1, ...locationOf(evidence.other, log) }] } : {}),
    partialFingerprints: { "tunewise/v1": createHash("sha256").update(identity).digest("hex").slice(0, 32) },
  };
}

function locationOf({ file, line, column }: Place, log: Log): object {
  const region =
    line === undefined ? {} : { region: { startLine: line, ...(column ? { startColumn: column } : {}) } };
  return { physicalLocation: { artifactLocation: { uri: addressOf(file, log) }, ...region } };
}

/** Relative if the file is below the root. Each segment is escaped, so that `#` and `?` stay part of a name. */
function addressOf(file: string, { check, places }: Log): string {
  const path = file === check.recipe ? resolve(places.root, file) : resolve(places.folder, file);
  const inside = relative(places.root, path);
  const isOutside = inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  if (isOutside) return pathToFileURL(path).href;
  const escaped = inside.split(sep).map(encodeURIComponent).join("/");
  return escaped === "" ? "." : escaped;
}
