/** @file Parses a recipe's YAML into a plain value with source locations. */
import { yamlTooDeepAt } from "@tunewise/core/format";
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import type { Finding, Place } from "../problem/index.ts";
import { recipeFinding, shown } from "./wording.ts";

/** Max. characters of a recipe; real ones have a few thousand. */
export const RECIPE_LIMIT = 262_144;
/** Max. values after aliases are expanded. */
const NODE_LIMIT = 10_000;
/** Max. nesting depth; a recipe needs 4. */
const DEPTH_LIMIT = 16;
/** Max. characters of a line that are shown. */
const LINE_LIMIT = 500;
/** Max. syntax errors shown: one mistake often causes others. */
const SYNTAX_LIMIT = 3;

/** A path from the root: keys and list indexes. */
export type Path = readonly PropertyKey[];

/** A parsed YAML text. */
export interface YamlReading {
  /** Plain objects without prototype, arrays, text, numbers, booleans, `null`; `undefined` after a syntax error. */
  readonly value: unknown;
  readonly problems: readonly Finding[];
  /** Location of a value, or of the closest enclosing section that exists. */
  placeOfValue(path: Path): Place;
  /** Location of the key of a value. */
  placeOfKey(path: Path): Place;
}

/**
 * Parses YAML 1.2 strictly: duplicate keys, tags, several documents and alias bombs are problems.
 *
 * @returns findings `RECIPE_TOO_LARGE`, `RECIPE_TOO_COMPLEX`, `RECIPE_SYNTAX`, `RECIPE_KEY_DUPLICATE`
 */
export function readYaml(text: string, path: string): YamlReading {
  const placeAt = (offset: number): Place => place(text, path, offset);
  if (text.length > RECIPE_LIMIT) {
    const params = { path, size: text.length.toLocaleString("en-US"), limit: "262,144" };
    return reading(
      undefined,
      [recipeFinding("RECIPE_TOO_LARGE", params, { file: path })],
      new Map(),
      placeAt,
    );
  }
  const deepAt = yamlTooDeepAt(text, DEPTH_LIMIT);
  if (deepAt !== null) {
    const finding = recipeFinding("RECIPE_TOO_COMPLEX", tooDeep(`over ${DEPTH_LIMIT}`), placeAt(deepAt));
    return reading(undefined, [finding], new Map(), placeAt);
  }
  const walk = new Walk(placeAt);
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    strict: true,
    uniqueKeys: true,
    stringKeys: true,
    prettyErrors: false,
    logLevel: "error",
  });
  const wrong = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (wrong.length > 0) {
    const problems = wrong
      .slice(0, SYNTAX_LIMIT)
      .map((error) => syntaxFinding(error, text, document, placeAt));
    return reading(undefined, problems, new Map(), placeAt);
  }
  const value = walk.plain(document.contents, [], document);
  return reading(walk.problems.length > 0 ? undefined : value, walk.problems, walk.offsets, placeAt);
}

function tooDeep(levels: string): { readonly detail: string; readonly limit: string; readonly fix: string } {
  return {
    detail: `This value lies ${levels} levels deep`,
    limit: `${DEPTH_LIMIT} levels`,
    fix: "remove brackets, dashes or indentation around the value, and aliases (`*name`) of what contains it",
  };
}

interface Offsets {
  readonly key: number;
  readonly value: number;
}

/** Converts nodes into plain values within limits, and records their offsets. */
class Walk {
  readonly problems: Finding[] = [];
  readonly offsets: Map<string, Offsets> = new Map();
  readonly #placeAt: (offset: number) => Place;
  #nodes = 0;

  constructor(placeAt: (offset: number) => Place) {
    this.#placeAt = placeAt;
  }

  plain(node: Node | null, path: Path, document: Document, keyAt?: number): unknown {
    const at = node?.range?.[0] ?? keyAt ?? 0;
    this.offsets.set(pathKey(path), { key: keyAt ?? at, value: at });
    if (this.#tooMuch(path.length, at) || node === null) return null;
    if (isAlias(node)) {
      const anchored = node.resolve(document);
      if (anchored) return this.plain(anchored, path, document, keyAt);
      const fix = `put the text in quotes, or set the anchor \`&${shown(node.source)}\` further up`;
      return this.#syntax(`The alias *${shown(node.source)} stands for nothing`, fix, at);
    }
    if (node.tag !== undefined) {
      const tag = shown(node.tag.replace("tag:yaml.org,2002:", "!!"));
      return this.#syntax(`The tag ${tag} has no meaning in a recipe`, "remove the tag", at);
    }
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item, at) => this.plain(item as Node, [...path, at], document));
    if (!isMap(node)) return null;
    const result: Record<string, unknown> = Object.create(null);
    for (const pair of node.items) {
      const key = pair.key;
      if (!isScalar(key) || typeof key.value !== "string") {
        this.#syntax("A key must be text", "put quotes around the key", at);
        continue;
      }
      const next = [...path, key.value];
      result[key.value] = this.plain(pair.value as Node | null, next, document, key.range?.[0] ?? at);
    }
    return result;
  }

  #tooMuch(depth: number, at: number): boolean {
    if (++this.#nodes <= NODE_LIMIT && depth <= DEPTH_LIMIT) return false;
    if (this.problems.length === 0) {
      const huge = {
        detail: "With its aliases written out the file is huge",
        limit: "10,000 values",
        fix: "write the values out plainly, without anchors (`&name`) and aliases (`*name`)",
      };
      const params = depth > DEPTH_LIMIT ? tooDeep(String(depth)) : huge;
      this.problems.push(recipeFinding("RECIPE_TOO_COMPLEX", params, this.#placeAt(at)));
    }
    return true;
  }

  #syntax(detail: string, fix: string, at: number): null {
    this.problems.push(recipeFinding("RECIPE_SYNTAX", { detail, fix }, this.#placeAt(at)));
    return null;
  }
}

function pathKey(path: Path): string {
  return JSON.stringify(path.map(String));
}

function reading(
  value: unknown,
  problems: readonly Finding[],
  offsets: ReadonlyMap<string, Offsets>,
  placeAt: (offset: number) => Place,
): YamlReading {
  const find = (path: Path, side: keyof Offsets): Place => {
    const found = offsets.get(pathKey(path));
    if (found) return placeAt(found[side]);
    return path.length === 0 ? placeAt(0) : find(path.slice(0, -1), "key");
  };
  return {
    value,
    problems,
    placeOfValue: (path) => find(path, "value"),
    placeOfKey: (path) => find(path, "key"),
  };
}

/** The parser's own line count misses lines that it skips after an error. */
function place(text: string, file: string, offset: number): Place {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  const end = text.indexOf("\n", start);
  const source = text.slice(start, end === -1 ? text.length : end).replace(/\r$/, "");
  return { file, line: before.split("\n").length, column: before.length - start + 1, text: masked(source) };
}

/** Masks text that looks like a credential, because lines are printed and logged. */
function masked(line: string): string {
  return line
    .slice(0, LINE_LIMIT)
    .replace(/\b(hf_|sk-|ghp_|AKIA)[\w-]{8,}/g, "***")
    .replace(/((?:^|[\s_{,"'])(?:token|secret|password|api_?key)["']?\s{0,9}:\s{0,9})\S.*$/i, "$1***");
}

/** Messages and fixes for the parser's error codes. */
const SYNTAX: Readonly<Record<string, readonly [detail: string, fix: string]>> = {
  TAB_AS_INDENT: ["A tab stands where spaces must indent", "replace the tab by two spaces"],
  BAD_INDENT: ["The lines do not line up", "indent keys of one section by the same number of spaces"],
  MISSING_CHAR: ["A quote or bracket is opened and never closed", "add the missing quote or bracket"],
  BLOCK_AS_IMPLICIT_KEY: [
    "A second colon or a deeper line follows a value",
    "put the text in quotes, or move the deeper lines below a key that has no value",
  ],
  MULTILINE_IMPLICIT_KEY: [
    "A key runs over several lines",
    "write each key and its colon on one line, and check the indentation",
  ],
  BAD_SCALAR_START: ["Plain text cannot start with @, ` or %", "put the text in quotes"],
  BAD_DQ_ESCAPE: ["A backslash in double quotes starts an unknown escape", "use single quotes"],
  MULTIPLE_DOCS: ["The file holds several YAML documents", "keep one and remove the lines with ---"],
  TAG_RESOLVE_FAILED: [
    "A word with ! in front is a tag, which has no meaning here",
    "put the text in quotes",
  ],
  NON_STRING_KEY: ["A key must be text", "put quotes around the key"],
  BAD_ALIAS: ["An alias (*name) or anchor (&name) is not well formed", "put the text in quotes"],
};

function syntaxFinding(
  error: YAMLError,
  text: string,
  document: Document.Parsed,
  placeAt: (offset: number) => Place,
): Finding {
  if (error.code === "DUPLICATE_KEY") {
    const key = /^["']?([^"':\n]{1,60})/.exec(text.slice(error.pos[0], error.pos[0] + 80))?.[1] ?? "";
    return recipeFinding("RECIPE_KEY_DUPLICATE", { key: shown(key.trim()) }, placeAt(error.pos[0]));
  }
  // An unclosed bracket is reported as bad indentation of what follows it.
  const code = /\bend with a [\]}]/.test(error.message) ? "MISSING_CHAR" : error.code;
  const at = code === "MISSING_CHAR" ? openedAt(document, error.pos[0]) : error.pos[0];
  const words = SYNTAX[code];
  const detail = words?.[0] ?? shown(error.message.replace(/\.$/, ""), 200);
  const fix = words?.[1] ?? "check indentation, colons and quotes on this line and the one before";
  return recipeFinding("RECIPE_SYNTAX", { detail, fix }, placeAt(at));
}

/** Start of the quoted text or bracketed list that reaches up to `end` and is therefore not closed. */
function openedAt(document: Document.Parsed, end: number): number {
  let start = end;
  visit(document, {
    Node: (_, node) => {
      const isOpened = isScalar(node) ? /^QUOTE/.test(node.type ?? "") : !isAlias(node) && node.flow === true;
      const [from, until] = node.range ?? [end, -1];
      if (isOpened && from <= end && until >= end - 1) start = from;
    },
  });
  return start;
}
