/** @file Formats rows as text: records line by line, with a title if a column provides one, and rows of a table. */
import { MAX_DEPTH } from "../limits.ts";

/** Columns whose value names the row. */
const titles: ReadonlySet<string> = new Set(["title", "name", "heading", "subject", "topic"]);

/** A row as text. */
interface RecordText {
  readonly title: string;
  readonly text: string;
}

/**
 * Formats `name: value` line by line, without cells that contain no letter or digit; the first column called title,
 * name, heading, subject or topic names the row.
 *
 * @param values names and values in file order; an empty name leaves only the value
 */
export function recordText(values: Iterable<readonly [string, string]>): RecordText {
  let title = "";
  const lines: string[] = [];
  for (const [name, value] of values) {
    const words = value.trim();
    // skip dashes, which mark empty cells
    if (!/[\p{L}\p{N}]/u.test(words)) continue;
    if (title === "" && titles.has(name.toLowerCase())) title = words;
    else lines.push(name === "" ? words : `${name}: ${words}`);
  }
  return { title, text: lines.join("\n") };
}

/**
 * Flattens a JSON value into leaves with their key paths, in order: `{a: {b: [1, 2]}}` yields `a.b` twice. Parts
 * deeper than `MAX_DEPTH` are dropped.
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
          name: name === "" ? key : `${name}.${key}`,
          value: part,
          depth: depth + 1,
        }));
    for (const part of inside.reverse()) waiting.push(part);
  }
}

/** `Name: Ada; Born: 1815`, or only the cells if the table has no header. */
export function rowText(header: readonly string[], cells: readonly string[]): string {
  const named = cells.map((cell, at) => {
    const name = header[at] ?? "";
    return name === "" || cell === "" ? cell : `${name}: ${cell}`;
  });
  const filled = named.filter((cell) => cell !== "");
  return filled.join(header.some((name) => name !== "") ? "; " : " | ");
}
