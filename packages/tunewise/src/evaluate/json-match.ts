/** @file Whether an answer is valid JSON, and how many of its fields match the reference. */
import { parseJson } from "@tunewise/core/untrusted";

/** Max. length of a text parsed as JSON; model answers and references are far shorter. */
const maxCharacters = 1_000_000;
/** Max. nesting depth; deeper text does not count as JSON. */
const maxDepth = 64;

/** Fields of an answer compared with those of the reference. */
interface FieldMatch {
  /** Fields with the same path and value. */
  readonly right: number;
  /** Fields in the answer. */
  readonly answered: number;
  /** Fields in the reference. */
  readonly expected: number;
}

/**
 * Parses a text as JSON. The value is wrapped to distinguish the JSON value `null` from a failure. Only white space
 * may surround the value.
 */
export function readJson(text: string): { readonly value: unknown } | null {
  if (text.length > maxCharacters || nestingDepth(text) > maxDepth) return null;
  try {
    return { value: parseJson(text) as unknown };
  } catch {
    return null;
  }
}

/** The text inside a Markdown code fence, or `null` if no single fence encloses the whole answer. */
export function insideFence(text: string): string | null {
  const lines = text.trim().split("\n");
  const [first = "", last = ""] = [lines[0], lines.at(-1)];
  if (lines.length < 3 || !first.startsWith("```") || last.trim() !== "```") return null;
  return lines.slice(1, -1).join("\n");
}

/**
 * Compares two JSON values field by field. A field is a path to a value that is neither an object nor an array.
 *
 * Key order does not matter, array order does. Numbers compare by value, strings character by character. An empty
 * object or array is one field, so that `{}` and `[]` differ.
 */
export function matchFields(answer: unknown, reference: unknown): FieldMatch {
  const answered = fieldsOf(answer);
  const expected = fieldsOf(reference);
  let right = 0;
  for (const [path, value] of expected) if (answered.get(path) === value) right++;
  return { right, answered: answered.size, expected: expected.size };
}

/** Whether both are the same value: every field matches, none is missing, none is extra. */
export function isCompleteMatch({ right, answered, expected }: FieldMatch): boolean {
  return right === answered && right === expected;
}

/** Maps paths (JSON pointers) to values; a `Map`, because keys come from a model. */
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

/** Maximum bracket depth outside strings; checked before parsing. */
function nestingDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted) {
      if (character === "\\") i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}
