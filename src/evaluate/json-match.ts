/**
 * @file Whether an answer is JSON, and how many of its fields are right.
 */
import { parseJson } from "../untrusted/index.ts";

/** Longest text that is read as JSON; model answers and references are far shorter. */
const maxCharacters = 1_000_000;
/** Deepest nesting that is walked; deeper text counts as no JSON. */
const maxDepth = 64;

/** Fields of an answer against those of the reference. */
export interface FieldMatch {
  /** Fields with the same path and value. */
  readonly right: number;
  /** Fields the answer has. */
  readonly answered: number;
  /** Fields the reference has. */
  readonly expected: number;
}

/**
 * The JSON value in a text, wrapped so that `null` can be told from none. Nothing but white space may
 * surround it.
 */
export function readJson(text: string): { readonly value: unknown } | null {
  if (text.length > maxCharacters || nestingDepth(text) > maxDepth) return null;
  try {
    return { value: parseJson(text) as unknown };
  } catch {
    return null;
  }
}

/** The text inside one Markdown code fence, or `null` where there is none around the whole answer. */
export function insideFence(text: string): string | null {
  const lines = text.trim().split("\n");
  const [first = "", last = ""] = [lines[0], lines.at(-1)];
  if (lines.length < 3 || !first.startsWith("```") || last.trim() !== "```") return null;
  return lines.slice(1, -1).join("\n");
}

/**
 * Compares two JSON values field by field: a field is a path to a value that is no object and no list.
 *
 * The order of keys does not matter, that of list items does. Numbers compare by value, text by letter. An
 * empty
 * object or list is one field, so that `{}` and `[]` differ.
 */
export function matchFields(answer: unknown, reference: unknown): FieldMatch {
  const answered = fieldsOf(answer);
  const expected = fieldsOf(reference);
  let right = 0;
  for (const [path, value] of expected) if (answered.get(path) === value) right++;
  return { right, answered: answered.size, expected: expected.size };
}

/** Whether both are the same value: every field right, none missing, none extra. */
export function isWholeMatch({ right, answered, expected }: FieldMatch): boolean {
  return right === answered && right === expected;
}

/** Path (JSON pointer) to value; a map, because keys come from a model. */
function fieldsOf(root: unknown): Map<string, string> {
  const fields = new Map<string, string>();
  const open: [path: string, value: unknown][] = [["", root]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [path, value] = next;
    if (typeof value !== "object" || value === null) {
      fields.set(path, `${typeof value} ${String(value)}`);
      continue;
    }
    const entries = Object.entries(value);
    if (entries.length === 0) fields.set(path, Array.isArray(value) ? "[]" : "{}");
    for (const [key, child] of entries) {
      open.push([`${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, child]);
    }
  }
  return fields;
}

/** Brackets open at once, outside strings; looked at before parsing. */
function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (quoted) {
      if (letter === "\\") i++;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === "{" || letter === "[") deepest = Math.max(deepest, ++depth);
    else if (letter === "}" || letter === "]") depth--;
  }
  return deepest;
}
