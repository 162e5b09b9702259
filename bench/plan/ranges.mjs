/**
 * @file Ranges of the rules for rented machines against published rows, whole sources left out.
 *
 *     npx tsx bench/plan/ranges.mjs [--opened]
 *
 * Prints, for memory and for tokens per second, how far the rows of each source are from what is expected without it,
 * the range that the other sources give, and the share of its rows inside; then the range over all sources, which
 * `src/plan` states. `--opened` adds the stated ranges on the sources that stayed shut until they were chosen.
 * Reads `../shared/data/measurements`; ends with a line that says so where it is not there.
 */
import { parseArgs } from "node:util";
import { estimateStackSpeed, rangeFactors, speedFactors } from "../../src/plan/index.ts";
import { leftOut, middle, rangeOver } from "../../test/planner/coverage.ts";
import {
  hasCardElsewhere,
  hasRows,
  memoryOfKnownPrograms,
  memoryOfUnknownPrograms,
  memoryRange,
  memoryRows,
  rowsFolder,
  speedOfSources,
  speedRows,
} from "../../test/planner/sources.ts";

const { values } = parseArgs({ options: { opened: { type: "boolean", default: false } } });

const factors = ({ low, high }) => `${low.toFixed(2)}-${high.toFixed(2)}`;
const percent = (share) => `${(100 * share).toFixed(0).padStart(3)} %`;
const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

function print(title, sources, stated) {
  console.log(`\n${title}`);
  console.log(`${"source".padEnd(62)} rows  measured over expected  range of the others  inside`);
  const scores = leftOut(sources);
  for (const { source, range, inside } of scores) {
    const { rows } = source;
    const least = Math.min(...rows.map(({ above }) => above)).toFixed(2);
    const usual = middle(rows.map(({ below, above }) => Math.sqrt(below * above))).toFixed(2);
    const most = Math.max(...rows.map(({ below }) => below)).toFixed(2);
    const name = source.name.slice(0, 61).padEnd(62);
    const seen = `${least} ${usual} ${most}`.padStart(22);
    console.log(
      `${name} ${String(rows.length).padStart(4)}  ${seen}  ${factors(range).padStart(19)}  ${percent(inside)}`,
    );
  }
  const counts = scores.map(({ source }) => source.rows.length);
  const inside = scores.map(({ source, inside: share }) => share * source.rows.length);
  const ofRows = inside.reduce((a, b) => a + b, 0) / counts.reduce((a, b) => a + b, 0);
  // what the others expect at most over what they expect at least is the row's own width
  const widths = scores.flatMap(({ source, range: { low, high } }) =>
    source.rows.map(({ below, above }) => ((high / low) * below) / above),
  );
  console.log(
    `left out: ${percent(mean(scores.map((one) => one.inside)))} of a source, ${percent(ofRows)} of the rows; ` +
      `high over low, median ${middle(widths).toFixed(2)}`,
  );
  console.log(`over all sources ${factors(rangeOver(sources))}, stated ${factors(stated)}`);
}

function printStated(title, rows, rangeOf) {
  console.log(`\n${title}`);
  const all = rows.map((one) => ({ one, range: rangeOf(one) }));
  for (const name of new Set(rows.map(({ repository }) => repository))) {
    const own = all.filter(({ one }) => one.repository === name);
    const isIn = ({ one, range }) =>
      one.measured + one.rounding >= range.low && one.measured - one.rounding <= range.high;
    const errors = own.map(({ one, range }) => Math.abs(range.expected / one.measured - 1));
    const widths = own.map(({ range }) => range.high / range.low);
    console.log(
      `${name.padEnd(30)} ${String(own.length).padStart(3)} rows  inside ${percent(own.filter(isIn).length / own.length)}  ` +
        `high over low, median ${middle(widths).toFixed(2)}  error, median ${percent(middle(errors))}`,
    );
  }
}

function run() {
  if (!hasRows) return console.log(`skipped: no published rows in ${rowsFolder}`);
  const memory = memoryRows();
  const speed = speedRows();
  const open = memory.filter(({ isShut }) => !isShut);
  const openSpeed = speed.filter(({ isShut }) => !isShut);
  print(
    "memory, program known from another document: own rules",
    memoryOfKnownPrograms(open),
    rangeFactors.measured,
  );
  for (const [words, isOnKnownCard] of [
    ["a card", true],
    ["no card", false],
  ]) {
    const rows = open.filter((one) => hasCardElsewhere(one, open) === isOnKnownCard);
    const ratios = memoryOfKnownPrograms(open, rows).flatMap((source) => source.rows);
    const far = ratios
      .map(({ below, above }) => Math.max(below, 1 / above, above, 1 / below))
      .sort((x, y) => x - y);
    console.log(
      `of them on ${words} of another document: ${ratios.length} rows, off by a factor of ` +
        `${middle(far).toFixed(2)} in the median, ${far[Math.floor(0.9 * far.length)]?.toFixed(2)} for nine in ten`,
    );
  }
  print(
    "memory, program never seen: least and most of the other programs",
    memoryOfUnknownPrograms(open),
    rangeFactors.unmeasured,
  );
  print("tokens per second", speedOfSources(openSpeed), speedFactors);
  printStated("stated ranges at home: memory", open, (one) => memoryRange(one.row, one.setting));
  const speedRange = (one) => estimateStackSpeed(one.setting, one.device).tokensPerSecondPerDevice;
  printStated("stated ranges at home: tokens per second", openSpeed, speedRange);
  if (!values.opened) return undefined;
  printStated(
    "opened once: memory",
    memory.filter(({ isShut }) => isShut),
    (one) => memoryRange(one.row, one.setting),
  );
  return printStated(
    "opened once: tokens per second",
    speed.filter(({ isShut }) => isShut),
    speedRange,
  );
}

run();
