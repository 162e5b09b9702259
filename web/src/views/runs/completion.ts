/** @file Completion of filters: columns, then values, depending on the text before the caret. */
import { ask } from "../../data/api.ts";
import { filterName } from "../../data/columns.ts";

/** A completion. */
export interface Choice {
  readonly text: string;
  /** Number of runs that have it. */
  readonly runs: number | null;
  /** The resulting filter and caret position. */
  readonly filter: string;
  readonly caret: number;
}

const attributes = [
  "attributes.status",
  "attributes.name",
  "attributes.client",
  "attributes.person",
  "attributes.project",
  "attributes.purpose",
  "attributes.duration",
  "attributes.spent",
  "attributes.waste",
  "attributes.plan",
  "attributes.start_time",
];
/** Maximum completions shown. */
const maxChoices = 12;

/** Matches a column, a comparison operator and the beginning of a value, at the end of a filter. */
const comparedValue =
  /(\w+\.(?:`[^`]*`|[^\s=<>!()'"]+))\s*(?:=|!=|LIKE|ILIKE|IN\s*\((?:\s*'[^']*'\s*,)*)\s*'?([^']*)$/i;

/** Loads the completions at the caret. */
export async function choicesAt(
  filter: string,
  caret: number,
  projects: string,
  signal: AbortSignal,
): Promise<Choice[]> {
  const before = filter.slice(0, caret);
  const value = comparedValue.exec(before);
  const put = (text: string, typed: string, runs: number | null): Choice => {
    const start = before.slice(0, before.length - typed.length);
    return { text, runs, filter: `${start}${text}${filter.slice(caret)}`, caret: start.length + text.length };
  };
  if (value) {
    const [, column = "", prefix = ""] = value;
    if (column.startsWith("metrics.")) return [];
    const query = { column, prefix, limit: String(maxChoices), ...(projects === "" ? {} : { projects }) };
    const { values } = await ask("get", "/api/tunewise/v1/runs/values", { query, signal });
    const quoted = before.endsWith(`'${prefix}`) ? `'${prefix}` : prefix;
    return values.map(({ value: one, runs }) => put(`'${String(one).replaceAll("'", "''")}'`, quoted, runs));
  }
  const [typed = ""] = /[^\s()]*$/.exec(before) ?? [];
  const word = typed.replace(/^(metrics|params|tags|attributes)\./, "");
  const own = attributes
    .filter((name) => name.includes(typed.toLowerCase()))
    .map((name) => put(name, typed, null));
  const query = { search: word, limit: String(maxChoices), ...(projects === "" ? {} : { projects }) };
  const { columns } = await ask("get", "/api/tunewise/v1/runs/columns", { query, signal });
  const logged = columns
    .filter(({ name }) => name.startsWith(typed.slice(0, Math.max(0, typed.length - word.length))))
    .map(({ name, runs }) => put(filterName(name), typed, runs));
  return [...own, ...logged].slice(0, maxChoices);
}
