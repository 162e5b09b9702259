/**
 * @file Accuracy of plans of rented machines on published measurements, by leave-one-source-out.
 *
 *     npx tsx bench/plan/accuracy.mjs [--rows]
 *
 * For memory and for tokens per second, prints for each source: the number of rows, the share inside the range from the
 * other sources, the median error and the worst rows. Then prints totals, left out compared with in sample and with a
 * trivial rule, and the results of other shares of the known rows. `--rows` prints every row.
 * Reads `../shared/data/measurements`; reports it and exits if the folder is missing.
 */
import { parseArgs } from "node:util";
import { rangeFactors, speedFactors } from "../../packages/tunewise/src/plan/index.ts";
import {
  heldShare,
  isInside,
  leftOut,
  meanShare,
  middle,
  neededShare,
  rangeOver,
  shareInside,
} from "../../test/planner/coverage.ts";
import {
  errorOf,
  hasRows,
  memoryRows,
  reaches,
  reachOf,
  rowsFolder,
  speedRows,
  trivialErrors,
  widthOf,
} from "../../test/planner/sources.ts";

const { values } = parseArgs({ options: { rows: { type: "boolean", default: false } } });

const percent = (share) => `${(100 * share).toFixed(0).padStart(4)} %`;
const factors = ({ low, high }) => `${low.toFixed(2)}-${high.toFixed(2)}`;
const within = (errors, limit) => errors.filter((error) => Math.abs(error) <= limit).length / errors.length;
const median = (errors) => middle(errors.map(Math.abs));

function nameOf({ row, setting }) {
  const { id, stack, model, method } = row;
  return `${id} ${stack} ${model} ${method} ${setting.rows}x${setting.length}`;
}

/** Share of rows inside the ranges from the other sources, and the widths of those ranges. */
function leftOutOf(rows, share) {
  const ranges = new Map(leftOut(reaches(rows), share).map(({ source, range }) => [source.name, range]));
  const inside = rows.filter((one) => isInside(reachOf(one), ranges.get(one.source))).length / rows.length;
  const widths = rows.map((one) => widthOf(one, ranges.get(one.source)));
  return {
    ranges,
    inside,
    widths: `${middle(widths).toFixed(2)} in the median, ${Math.max(...widths).toFixed(2)} at most`,
  };
}

function printShares(rows) {
  for (const share of [0.88, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, neededShare]) {
    const { inside, widths } = leftOutOf(rows, share);
    const name = typeof share === "number" ? `${percent(share)} of the others' rows` : "as the others choose";
    console.log(`${name.padEnd(26)} ${percent(inside)} inside, high over low ${widths}`);
  }
}

function print(title, rows, { stated, share, groupOf }) {
  console.log(`\n${title}\n${"source left out".padEnd(34)}rows  inside  median error  range      worst rows`);
  const sources = reaches(rows);
  const { ranges, inside, widths } = leftOutOf(rows, share);
  for (const source of sources) {
    const range = ranges.get(source.name);
    const own = rows.filter((one) => one.source === source.name);
    const worst = own.toSorted(
      (a, b) => Math.abs(Math.log(1 + errorOf(b))) - Math.abs(Math.log(1 + errorOf(a))),
    );
    const named = worst
      .filter((one) => Math.abs(errorOf(one)) > 0.25)
      .slice(0, 3)
      .map((one) => `${one.row.id} x${(1 + errorOf(one)).toFixed(2)}`);
    console.log(
      `${source.name.slice(0, 33).padEnd(34)}${String(own.length).padStart(4)}${percent(shareInside(source.rows, range)).padStart(8)}` +
        `${percent(median(own.map(errorOf))).padStart(14)}  ${factors(range)}  ${named.join(", ")}`,
    );
  }
  const errors = rows.map(errorOf);
  const all = rangeOver(sources, share);
  const trivial = trivialErrors(rows, groupOf);
  console.log(
    [
      `left out:  ${percent(inside)} of ${rows.length} rows inside; high over low ${widths}`,
      `in sample: ${percent(sources.reduce((sum, { rows: own }) => sum + own.filter((one) => isInside(one, all)).length, 0) / rows.length)} of the rows, ${percent(meanShare(sources, all))} of a source; range ${factors(all)}, stated ${factors(stated)}`,
      `error:     median ${percent(median(errors))}, within 15 % ${percent(within(errors, 0.15))}, within 25 % ${percent(within(errors, 0.25))}`,
      `trivial:   median ${percent(median(trivial))}, within 15 % ${percent(within(trivial, 0.15))}, within 25 % ${percent(within(trivial, 0.25))}`,
    ].join("\n"),
  );
  if (values.rows) {
    for (const one of rows) {
      const isIn = isInside(reachOf(one), ranges.get(one.source));
      console.log(`${nameOf(one).padEnd(62)} x${(1 + errorOf(one)).toFixed(2)}${isIn ? "" : " outside"}`);
    }
  }
}

if (!hasRows) console.log(`skipped: no published rows in ${rowsFolder}`);
else {
  const memory = memoryRows();
  print("memory", memory, {
    stated: rangeFactors,
    share: heldShare.memory,
    groupOf: ({ row }) => row.method,
  });
  printShares(memory);
  const bf16 = memory.filter(
    ({ row, setting }) => row.method === "full" && setting.stack.fullWeightBytes === 2,
  );
  const errors = bf16.map(errorOf);
  console.log(
    `full fine-tuning in bfloat16: ${bf16.length} rows, median error ${percent(median(errors))}, within 15 % ${percent(within(errors, 0.15))}; ` +
      `outside: ${bf16
        .filter((one) => Math.abs(errorOf(one)) > 0.15)
        .map((one) => `${one.row.id} x${(1 + errorOf(one)).toFixed(2)}`)
        .join(", ")}`,
  );
  print("tokens per second", speedRows(), {
    stated: speedFactors,
    share: heldShare.speed,
    groupOf: () => "",
  });
}
