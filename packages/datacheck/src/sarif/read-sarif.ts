/**
 * @file Reads SARIF 2.1.0 of any scanner as untrusted input. Reading is bounded, and only results about files that the
 * scanner was given count. No file that a log names is opened.
 *
 * @source OASIS SARIF 2.1.0, sections 3.4 (artifactLocation), 3.14 (run), 3.19 (tool), 3.27 (result), 3.30 (region)
 */
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseJson } from "@tunewise/core/untrusted";
import type { CodeSeverity } from "../codescan/index.ts";
import { countIn, entryIn, listIn, type Node, nodeIn, textIn } from "./node.ts";
import { severityOf, weaknessesOf } from "./rule-facts.ts";

/** Max runs, rules and results of one log. */
const maxRuns = 100;
const maxRules = 50_000;
const maxResults = 200_000;
const messageChars = 2_000;
/** Max depth of nested base URIs. */
const maxBases = 5;

/** A result with its location in a file. */
export interface SarifResult {
  readonly rule: string;
  /** CWE numbers, at least one. The first one counts. */
  readonly cwes: readonly number[];
  readonly severity: CodeSeverity;
  readonly message: string;
  readonly help: string;
  /** Relative to the folder. */
  readonly file: string;
  readonly line: number;
  readonly lastLine: number;
  /** Counted from 1. */
  readonly column: number;
}

/** A parsed log. */
export interface SarifLog {
  readonly results: readonly SarifResult[];
  /** Results that were skipped: without a CWE number, and without a location in a file of the folder. */
  readonly leftOut: { readonly unnumbered: number; readonly elsewhere: number };
}

/** The scanned files. */
export interface ScannedFolder {
  /** The folder's path, in each form that a scanner may use. */
  readonly paths: readonly string[];
  /** Texts by name relative to the folder. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Reads a log.
 *
 * @throws {SyntaxError} if the text is not SARIF 2.1.0, nests too deeply or has too many parts
 */
export function readSarif(text: string, folder: ScannedFolder): SarifLog {
  const log = nodeIn(parseJson(text.startsWith("\uFEFF") ? text.slice(1) : text));
  if (!Array.isArray(log["runs"])) throw new SyntaxError("it has no `runs`");
  const version = textIn(log["version"]) || "2.1.0";
  if (!version.startsWith("2.")) throw new SyntaxError(`it has version ${version.slice(0, 20)}, not 2.1.0`);
  const results: SarifResult[] = [];
  const leftOut = { unnumbered: 0, elsewhere: 0 };
  for (const run of listIn(log["runs"], maxRuns).map(nodeIn)) {
    const rules = rulesOf(run);
    for (const result of listIn(run["results"], maxResults - results.length).map(nodeIn)) {
      if (isSettled(result)) continue;
      const read = readResult(result, run, rules, folder);
      if (read === null) continue;
      if (typeof read === "string") leftOut[read] += 1;
      else results.push(read);
    }
  }
  return { results, leftOut };
}

/**
 * Whether a person accepted the result outside the code, or it no longer exists. Comments in the code (`# nosec`) do
 * not count.
 */
function isSettled(result: Node): boolean {
  const suppressions = listIn(result["suppressions"], 20).map(nodeIn);
  const isAccepted = suppressions.some(
    ({ kind, status }) => kind === "external" && (status === undefined || status === "accepted"),
  );
  return isAccepted || result["baselineState"] === "absent";
}

/** Rules of the driver and extensions, by index and by id. */
interface Rules {
  readonly parts: readonly (readonly unknown[])[];
  readonly byId: ReadonlyMap<string, Node>;
}

function rulesOf(run: Node): Rules {
  const tool = nodeIn(run["tool"]);
  const components = [tool["driver"], ...listIn(tool["extensions"], maxRules)].map(nodeIn);
  const parts = components.map((one) => listIn(one["rules"], maxRules));
  const byId = new Map<string, Node>();
  for (const rule of parts.flat().slice(0, maxRules).map(nodeIn)) byId.set(textIn(rule["id"]), rule);
  return { parts, byId };
}

/** The rule of a result: by its index in the driver or an extension, by its id, or by the start of the id. */
function ruleOf(result: Node, { parts, byId }: Rules): { id: string; rule: Node } {
  const reference = nodeIn(result["rule"]);
  const extension = countIn(nodeIn(reference["toolComponent"])["index"]);
  const rules = parts[extension === undefined ? 0 : extension + 1] ?? [];
  const indexed = entryIn(rules, result["ruleIndex"] ?? reference["index"]);
  const id = textIn(result["ruleId"] ?? reference["id"]) || textIn(indexed["id"]);
  const above = id.slice(0, Math.max(0, id.lastIndexOf("/")));
  const isIts = id === "" || id === textIn(indexed["id"]) || above === textIn(indexed["id"]);
  return {
    id,
    rule: isIts && indexed["id"] !== undefined ? indexed : (byId.get(id) ?? byId.get(above) ?? {}),
  };
}

function readResult(
  result: Node,
  run: Node,
  rules: Rules,
  folder: ScannedFolder,
): SarifResult | "unnumbered" | "elsewhere" | null {
  const { id, rule } = ruleOf(result, rules);
  const severity = severityOf(result, rule);
  if (severity === null) return null;
  const cwes = weaknessesOf(result, rule, id);
  if (cwes.length === 0) return "unnumbered";
  const place = nodeIn(nodeIn(listIn(result["locations"], 1)[0])["physicalLocation"]);
  const file = fileOf(nodeIn(place["artifactLocation"]), run, folder);
  const text = file === null ? undefined : folder.texts.get(file);
  if (file === null || text === undefined) return "elsewhere";
  const lines = linesOf(nodeIn(place["region"]), text);
  const message = messageOf(result, rule);
  return { rule: id, cwes, severity, message, help: textIn(rule["helpUri"], 300), file, ...lines };
}

/** The message of a result, otherwise that of its rule. */
function messageOf(result: Node, rule: Node): string {
  const message = nodeIn(result["message"]);
  const templates = nodeIn(rule["messageStrings"]);
  const template = nodeIn(templates[textIn(message["id"]) || "default"]);
  const given = listIn(message["arguments"], 20).map((one) => textIn(one, 200));
  const worded = textIn(message["text"], messageChars) || textIn(template["text"], messageChars);
  const filled = worded.replace(/\{(\d{1,2})\}/g, (whole, at: string) => given[Number(at)] ?? whole);
  const short = textIn(nodeIn(rule["shortDescription"])["text"], messageChars);
  const text = filled || textIn(message["markdown"], messageChars) || short || textIn(rule["name"]);
  // `[the value](1)` is a link to a related location
  return text.replace(/\[([^\][]{1,300})\]\([^()\s]{1,300}\)/g, "$1");
}

function linesOf(region: Node, text: string): Pick<SarifResult, "line" | "lastLine" | "column"> {
  const count = text.split("\n").length;
  const offset = countIn(region["charOffset"]);
  const told = countIn(region["startLine"]);
  const byOffset = offset === undefined ? 1 : text.slice(0, offset).split("\n").length;
  const line = Math.min(count, Math.max(1, told ?? byOffset));
  const lastLine = Math.min(count, Math.max(line, countIn(region["endLine"]) ?? line));
  return { line, lastLine, column: Math.max(1, countIn(region["startColumn"]) ?? 1) };
}

/** The name of the file in question; `null` if it was not among the scanned files. */
function fileOf(location: Node, run: Node, folder: ScannedFolder): string | null {
  const artifact = entryIn(listIn(run["artifacts"], maxResults), location["index"]);
  const place = location["uri"] === undefined ? nodeIn(artifact["location"]) : location;
  const uri = textIn(place["uri"], 4_096);
  if (uri === "") return null;
  const candidates = [uri, ...basesOf(textIn(place["uriBaseId"]), run).map((base) => `${base}${uri}`)];
  for (const one of candidates) {
    const name = nameIn(one, folder);
    if (name !== null && folder.texts.has(name)) return name;
  }
  return null;
}

/** Resolves a base URI together with the bases that it depends on. */
function basesOf(id: string, run: Node): string[] {
  const bases = nodeIn(run["originalUriBaseIds"]);
  let [next, path] = [id, ""];
  for (let depth = 0; depth < maxBases && next !== "" && Object.hasOwn(bases, next); depth++) {
    const base = nodeIn(bases[next]);
    path = `${textIn(base["uri"], 4_096)}${path}`;
    next = textIn(base["uriBaseId"]);
  }
  return path === "" ? [] : [path.endsWith("/") ? path : `${path}/`];
}

/** Converts a path or URI to a name relative to the folder; `null` for other schemes, hosts and folders. */
function nameIn(uri: string, { paths }: ScannedFolder): string | null {
  const path = pathOf(uri);
  if (path === null || path.includes("\0")) return null;
  const unified = path.replaceAll("\\", "/");
  if (!/^(\/|[a-z]:\/)/i.test(unified)) return posix.normalize(unified);
  for (const folder of paths.map((one) => one.replaceAll("\\", "/").replace(/\/$/, ""))) {
    if (unified.startsWith(`${folder}/`)) return posix.normalize(unified.slice(folder.length + 1));
  }
  return null;
}

function pathOf(uri: string): string | null {
  try {
    if (/^file:/i.test(uri)) return fileURLToPath(new URL(uri));
    if (/^[a-z]:[\\/]/i.test(uri)) return uri;
    return /^[a-z][a-z0-9+.-]*:/i.test(uri) || uri.startsWith("//") ? null : decodeURIComponent(uri);
  } catch {
    return null; // not a URI, or one of another machine
  }
}
