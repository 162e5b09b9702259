/**
 * @file A row's named values as text: one line for each, and a title where a column is one.
 */
import { MAX_DEPTH } from "../limits.ts";

/** Columns whose value names the row. */
const titles: ReadonlySet<string> = new Set(["title", "name", "heading", "subject", "topic"]);

/** A row as text. */
export interface RecordText {
  readonly title: string;
  readonly text: string;
}

/**
 * `name: value` line by line, without cells that hold no letter or digit; the first column that is called title, name,
 * heading, subject or topic names the row.
 *
 * @param values names and values in the order of the file; an empty name leaves the value alone
 */
export function recordText(values: Iterable<readonly [string, string]>): RecordText {
  let title = "";
  const lines: string[] = [];
  for (const [name, value] of values) {
    const words = value.trim();
    // dashes fill a cell that is empty
    if (!/[\p{L}\p{N}]/u.test(words)) continue;
    if (title === "" && titles.has(name.toLowerCase())) title = words;
    else lines.push(name === "" ? words : `${name}: ${words}`);
  }
  return { title, text: lines.join("\n") };
}

/**
 * The values inside a JSON value, each with the names that lead there, in their order: `{a: {b: [1, 2]}}` gives `a.b`
 * twice. What lies deeper than `MAX_DEPTH` is left out.
 */
export function* leavesOf(value: unknown): Generator<[string, string]> {
  const waiting: { name: string; value: unknown; depth: number }[] = [{ name: "", value, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { name, value: one, depth } = next;
    if (one === null || one === undefined) continue;
    if (typeof one !== "object") {
      yield [name, String(one)];
      continue;
    }
    if (depth === MAX_DEPTH) continue;
    const inside = Array.isArray(one)
      ? one.map((part: unknown) => ({ name, value: part, depth: depth + 1 }))
      : Object.entries(one).map(([key, part]: [string, unknown]) => ({
          ...{ name: name === "" ? key : `${name}.${key}`, value: part, depth: depth + 1 },
        }));
    for (const part of inside.reverse()) waiting.push(part);
  }
}
