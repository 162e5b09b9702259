/**
 * @file Reads SARIF 2.1.0 of any scanner, as foreign input: bounded, and believed only where it speaks of files that it
 * was given. Nothing that it names is opened.
 *
 * @source OASIS SARIF 2.1.0, sections 3.4 (artifactLocation), 3.14 (run), 3.19 (tool), 3.27 (result), 3.30 (region)
 */
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { parseJson } from "@tunewise/core/untrusted";
import type { CodeSeverity } from "../codescan/index.ts";
import { countIn, entryIn, listIn, type Node, nodeIn, textIn } from "./node.ts";
import { severityOf, weaknessesOf } from "./rule-facts.ts";

/** Most runs, rules and results of one log. */
const runsMost = 100;
const rulesMost = 50_000;
const resultsMost = 200_000;
const messageChars = 2_000;
/** Bases that rest on bases. */
const basesMost = 5;

/** A result with its place in a file. */
export interface SarifResult {
  readonly rule: string;
  /** The first is the one that counts; at least one. */
  readonly cwes: readonly number[];
  readonly severity: CodeSeverity;
  readonly message: string;
  readonly help: string;
  /** Below the folder. */
  readonly file: string;
  readonly line: number;
  readonly lastLine: number;
  /** Counted from 1. */
  readonly column: number;
}

/** A log as read. */
export interface SarifLog {
  readonly results: readonly SarifResult[];
  /** Results that were left out: with no number of a weakness, and at no place in a file of the folder. */
  readonly leftOut: { readonly unnumbered: number; readonly elsewhere: number };
}

/** The files that were scanned. */
export interface ScannedFolder {
  /** Its path, in each form that a program may name it by. */
  readonly paths: readonly string[];
  /** Texts by name below the folder. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Reads a log.
 *
 * @throws {SyntaxError} for what is no SARIF 2.1.0, nests too deep or has too many parts
 */
export function readSarif(text: string, folder: ScannedFolder): SarifLog {
  const log = nodeIn(parseJson(text.startsWith("\uFEFF") ? text.slice(1) : text));
  if (!Array.isArray(log["runs"])) throw new SyntaxError("it has no `runs`");
  const version = textIn(log["version"]) || "2.1.0";
  if (!version.startsWith("2.")) throw new SyntaxError(`it has version ${version.slice(0, 20)}, not 2.1.0`);
  const results: SarifResult[] = [];
  const leftOut = { unnumbered: 0, elsewhere: 0 };
  for (const run of listIn(log["runs"], runsMost).map(nodeIn)) {
    const rules = rulesOf(run);
    for (const result of listIn(run["results"], resultsMost - results.length).map(nodeIn)) {
      if (isSettled(result)) continue;
      const read = readResult(result, run, rules, folder);
      if (read === null) continue;
      if (typeof read === "string") leftOut[read] += 1;
      else results.push(read);
    }
  }
  return { results, leftOut };
}

/** A person has settled it outside of the code, or it is gone. What code says of itself (`# nosec`) settles nothing. */
function isSettled(result: Node): boolean {
  const suppressions = listIn(result["suppressions"], 20).map(nodeIn);
  const isAccepted = suppressions.some(
    ({ kind, status }) => kind === "external" && (status === undefined || status === "accepted"),
  );
  return isAccepted || result["baselineState"] === "absent";
}

/** Rules of the driver and of extensions, found by index and by id. */
interface Rules {
  readonly parts: readonly (readonly unknown[])[];
  readonly byId: ReadonlyMap<string, Node>;
}

function rulesOf(run: Node): Rules {
  const tool = nodeIn(run["tool"]);
  const components = [tool["driver"], ...listIn(tool["extensions"], rulesMost)].map(nodeIn);
  const parts = components.map((one) => listIn(one["rules"], rulesMost));
  const byId = new Map<string, Node>();
  for (const rule of parts.flat().slice(0, rulesMost).map(nodeIn)) byId.set(textIn(rule["id"]), rule);
  return { parts, byId };
}

/** The rule of a result: by its place in the driver or an extension, by its id, or by the beginning of the id. */
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

/** The words of a result; those of its rule where it has none. */
function messageOf(result: Node, rule: Node): string {
  const message = nodeIn(result["message"]);
  const templates = nodeIn(rule["messageStrings"]);
  const template = nodeIn(templates[textIn(message["id"]) || "default"]);
  const given = listIn(message["arguments"], 20).map((one) => textIn(one, 200));
  const worded = textIn(message["text"], messageChars) || textIn(template["text"], messageChars);
  const filled = worded.replace(/\{(\d{1,2})\}/g, (whole, at: string) => given[Number(at)] ?? whole);
  const short = textIn(nodeIn(rule["shortDescription"])["text"], messageChars);
  const text = filled || textIn(message["markdown"], messageChars) || short || textIn(rule["name"]);
  // `[the value](1)` is a link to a related place
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

/** The name of the file that is meant; `null` where it is none of those that were handed over. */
function fileOf(location: Node, run: Node, folder: ScannedFolder): string | null {
  const artifact = entryIn(listIn(run["artifacts"], resultsMost), location["index"]);
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

/** The address of a base, and of those that it rests on, put together. */
function basesOf(id: string, run: Node): string[] {
  const bases = nodeIn(run["originalUriBaseIds"]);
  let [next, path] = [id, ""];
  for (let depth = 0; depth < basesMost && next !== "" && Object.hasOwn(bases, next); depth++) {
    const base = nodeIn(bases[next]);
    path = `${textIn(base["uri"], 4_096)}${path}`;
    next = textIn(base["uriBaseId"]);
  }
  return path === "" ? [] : [path.endsWith("/") ? path : `${path}/`];
}

/** A path or address as a name below the folder; `null` for other schemes, other hosts and other folders. */
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
    return null; // no address, or one of another machine
  }
}
