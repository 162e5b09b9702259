/**
 * @file Coverage of the printed 95 % intervals: 2,000 simulated evaluations of 100 rows for each.
 *
 * npx tsx bench/decide/coverage.mjs [--sets 2000] [--draws 1000]
 */

import { bootstrapInterval, mulberry32, randomNormal } from "@tunewise/core/math";
import { bootstrapMean } from "../../packages/tunewise/src/evaluate/statistics/clustered.ts";
import {
  pairedDifference,
  wilsonInterval,
} from "../../packages/tunewise/src/evaluate/statistics/proportion.ts";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const sets = option("sets", 2000);
const draws = option("draws", 1000);
const rows = 100;
const random = mulberry32(20_261_128);
const each = (make) => Array.from({ length: rows }, (_, row) => make(row));
const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** A share of right answers over independent rows. */
function wilson(truth) {
  const right = each(() => (random() < truth ? 1 : 0)).reduce((sum, one) => sum + one, 0);
  return { truth, interval: wilsonInterval(right, rows) };
}

/** Two models with correlated answers: only the tuned one is right with probability c, only the base one with b. */
function paired(both, b, c) {
  const counts = { both: 0, onlyBase: 0, onlyTuned: 0, neither: 0 };
  for (let row = 0; row < rows; row++) {
    const at = random();
    if (at < both) counts.both++;
    else if (at < both + b) counts.onlyBase++;
    else if (at < both + b + c) counts.onlyTuned++;
    else counts.neither++;
  }
  return { truth: c - b, interval: pairedDifference(counts) };
}

/** Graded scores between 0 and 1, skewed as F1 and ROUGE are: a power of a uniform number. */
function graded(power) {
  const values = each(() => random() ** power);
  const statistic = (drawn) => drawn.reduce((sum, row) => sum + values[row], 0) / rows;
  const interval = bootstrapInterval(rows, statistic, { seed: (random() * 2 ** 32) >>> 0, draws });
  return { truth: 1 / (power + 1), interval };
}

/** Differences of two graded scores on the same rows. */
function gradedDifference(gain) {
  const values = each(() => {
    const row = random();
    return gain + 0.3 * (random() - 0.5) + (row < 0.2 ? random() - 0.5 : 0);
  });
  return { truth: gain, interval: ofMean(values, null) };
}

/** Groups of `size` rows that share a part of their score. */
function grouped(size, share) {
  const groups = each((row) => Math.floor(row / size));
  const common = Array.from({ length: Math.ceil(rows / size) }, () => randomNormal(random));
  const values = groups.map(
    (group) => 0.2 + Math.sqrt(share) * common[group] + Math.sqrt(1 - share) * randomNormal(random),
  );
  return { truth: 0.2, interval: ofMean(values, groups) };
}

/** Yes-no differences in groups of 1 to 9 rows: templates of text-to-SQL, some long, some short. */
function unevenGroups() {
  const groups = [];
  for (let group = 0; groups.length < rows; group++) {
    const size = Math.min(rows - groups.length, 1 + Math.floor(random() * 9));
    for (let i = 0; i < size; i++) groups.push(group);
  }
  const lean = new Map();
  const values = groups.map((group) => {
    if (!lean.has(group)) lean.set(group, random() < 0.5 ? 0.25 : 0.05);
    const at = random();
    return at < lean.get(group) ? 1 : at < lean.get(group) + 0.08 ? -1 : 0;
  });
  return { truth: 0.15 - 0.08, interval: ofMean(values, groups) };
}

function ofMean(values, groups) {
  return bootstrapMean(values, groups, { seed: (random() * 2 ** 32) >>> 0, draws }).interval;
}

const cases = [
  ...[0.1, 0.3, 0.5, 0.8, 0.9, 0.95].map((p) => [`Wilson, share ${p}`, () => wilson(p)]),
  ["Wilson, shares from 0.02 to 0.98", () => wilson(0.02 + 0.96 * random())],
  ["paired difference, flips 0.10 and 0.10", () => paired(0.6, 0.1, 0.1)],
  ["paired difference, flips 0.04 and 0.12", () => paired(0.7, 0.04, 0.12)],
  ["paired difference, flips 0.02 and 0.30", () => paired(0.5, 0.02, 0.3)],
  ["bootstrap mean, even scores", () => graded(1)],
  ["bootstrap mean, skewed scores", () => graded(3)],
  ["bootstrap difference, graded", () => gradedDifference(0.03)],
  ["groups of 2, half shared", () => grouped(2, 0.5)],
  ["groups of 5, half shared", () => grouped(5, 0.5)],
  ["groups of 10, three quarters shared", () => grouped(10, 0.75)],
  ["groups of 5 taken for single rows (what not to do)", () => ({ ...ungrouped() })],
  ["uneven groups, yes-no differences", unevenGroups],
];

/** The same rows as in `grouped(5, 0.5)`, evaluated without the groups. */
function ungrouped() {
  const common = Array.from({ length: rows / 5 }, () => randomNormal(random));
  const values = each(
    (row) => 0.2 + Math.SQRT1_2 * common[Math.floor(row / 5)] + Math.SQRT1_2 * randomNormal(random),
  );
  return { truth: 0.2, interval: ofMean(values, null) };
}

console.log(`${sets} sets of ${rows} rows, ${draws} draws`);
for (const [name, simulate] of cases) {
  const worlds = Array.from({ length: sets }, simulate);
  const held = worlds.filter(
    ({ truth, interval }) => interval && interval.low <= truth && interval.high >= truth,
  );
  const width = mean(worlds.map(({ interval }) => (interval ? interval.high - interval.low : 0)));
  console.log(`${((100 * held.length) / sets).toFixed(1).padStart(6)} %  width ${width.toFixed(3)}  ${name}`);
}
