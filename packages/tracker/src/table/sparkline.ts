/**
 * @file Sparklines: a few values of a metric over steps. Each value is an index lookup, so the cost does not depend on
 * the length of the series.
 */
import type { Reader } from "../database/database.ts";
import { placeholders } from "../database/rows.ts";
import { numberOf } from "../points/point.ts";

/** Number of values in a sparkline; fewer if a series has fewer steps. */
export const sparklineValues = 24;

/** Series per statement. */
const runsAtOnce = 64;

/**
 * Values of a metric at evenly spaced steps, including the first and the latest. Runs without the metric are missing. A
 * position between two points gets the later one, and each step appears once.
 */
export async function readSparklines(
  reader: Reader,
  runs: readonly number[],
  key: string,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const lines = new Map<number, { readonly values: number[]; step: number }>();
  for (let from = 0; from < runs.length; from += runsAtOnce) {
    const some = runs.slice(from, from + runsAtOnce);
    const rows = await reader.all(sparklineText(placeholders(some)), key, ...some);
    for (const row of rows) {
      const [run, step] = [Number(row["run"]), Number(row["step"])];
      const line = lines.get(run) ?? { values: [], step: Number.NaN };
      lines.set(run, line);
      if (line.step === step) line.values.pop();
      line.step = step;
      const isLatest = step === Number(row["last_step"]);
      line.values.push(isLatest ? numberOf(row, "last_value", "last_special") : numberOf(row));
    }
  }
  return new Map([...lines].map(([run, { values }]) => [run, values]));
}

/** Each position reads one row of the index, because a series may have a million points at one step. */
function sparklineText(among: string): string {
  const at = (column: string): string =>
    `(SELECT p.${column} FROM points p WHERE p.series = asked.number AND p.step >= asked.wanted
      ORDER BY p.step, p.ms, p.value, p.special LIMIT 1)`;
  return `WITH RECURSIVE places(place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places
      WHERE place < ${sparklineValues - 1}),
    firsts AS (SELECT s.number, s.run, s.last_step, s.last_value, s.last_special,
      (SELECT p.step FROM points p WHERE p.series = s.number ORDER BY p.step LIMIT 1) AS first_step
      FROM series s WHERE s.key = ? AND s.run IN (${among})),
    asked AS (SELECT firsts.*, places.place,
      first_step + (last_step - first_step) * places.place / ${sparklineValues - 1} AS wanted
      FROM firsts CROSS JOIN places)
    SELECT asked.run, asked.last_step, asked.last_value, asked.last_special, ${at("step")} AS step,
      ${at("value")} AS value, ${at("special")} AS special
    FROM asked WHERE first_step IS NOT NULL ORDER BY asked.run, asked.place`;
}
