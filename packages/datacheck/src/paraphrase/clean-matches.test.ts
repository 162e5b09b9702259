import { describe, expect, test } from "vitest";
import { type KnownMatch, learnCleanMatches } from "./clean-matches.ts";
import type { TopMatch } from "./top-match.ts";

/** Weights of clean rows' best matches; deterministic. */
function cleanWeights(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 0.1 - 0.02 * Math.log(-Math.log((state + 1) / (2 ** 32 + 2)));
  });
}

function matchOf(compared: readonly number[], weights: readonly number[], isNear = false): TopMatch {
  const best = weights.indexOf(Math.max(...weights));
  const next = Math.max(0, ...weights.filter((_, at) => at !== best));
  return {
    compared: Int32Array.from(compared),
    weights: Float64Array.from(weights),
    best,
    next,
    isNear,
    scores: Float64Array.from(weights),
    around: 0,
  };
}

const lone = (weight: number, at: number, around = 0): TopMatch => ({
  ...matchOf([100_000 + at], [weight]),
  around,
});
const known = (count: number, seed: number): KnownMatch[] =>
  cleanWeights(count, seed).map((weight, row) => ({ row, match: lone(weight, row) }));
const over = (standings: Float64Array, least: number): number =>
  standings.filter((standing) => standing >= least).length;

describe("learnCleanMatches", () => {
  test("held-out rows that have leaked change nothing", () => {
    const clean = learnCleanMatches(
      known(1_000, 1),
      cleanWeights(500, 2).map((weight, row) => lone(weight, row)),
    );
    const leaked = learnCleanMatches(
      known(1_000, 1),
      cleanWeights(500, 2).map(() => lone(0.6, 1)),
    );
    expect(leaked.standings).toEqual(clean.standings);
    expect(leaked.repeated).toBe(0);
  });

  test("known rows that are copies of one held-out row are no clean rows", () => {
    const all = known(1_000, 1);
    // 300 known rows in pairs; each pair has leaked one held-out row
    const pairs = all.map(({ row, match }) => {
      if (row >= 300) return { row, match };
      return { row, match: matchOf([row ^ 1, 100_000 + row], [0.6, match.weights[0] as number]) };
    });
    const held = cleanWeights(500, 2).map((weight, row) =>
      row < 150 ? matchOf([2 * row, 2 * row + 1], [0.55, 0.5]) : lone(weight, row),
    );
    const { standings, repeated } = learnCleanMatches(pairs, held);
    expect(over(standings, 0.4)).toBe(0);
    expect(repeated).toBe(0);
  });

  test("known rows that paraphrase each other, when held-out rows do not, say nothing of clean rows", () => {
    const multiplied = known(1_000, 1).map(({ row }) => ({ row, match: lone(0.7, row) }));
    const { standings, repeated } = learnCleanMatches(
      multiplied,
      cleanWeights(500, 2).map((weight, row) => lone(weight, row)),
    );
    expect(repeated).toBeCloseTo(1);
    expect(over(standings, 0.4)).toBe(0);
  });

  test("rows as alike among themselves as held-out rows are to them are clean", () => {
    const alike = known(1_000, 1).map(({ row, match }) =>
      row % 5 === 0 ? { row, match: lone(0.7, row) } : { row, match },
    );
    const held = cleanWeights(500, 2).map((weight, row) => lone(row % 5 === 0 ? 0.7 : weight, row));
    const { standings, repeated } = learnCleanMatches(alike, held);
    expect(repeated).toBe(0);
    expect(over(standings, 0.6)).toBe(200);
  });

  test("clean rows come less near where held-out rows have fewer known rows around them", () => {
    const all = cleanWeights(1_000, 1).map((weight, row) => ({ row, match: lone(weight, row, 0.2) }));
    const like = learnCleanMatches(
      all,
      cleanWeights(500, 2).map((weight, row) => lone(weight, row, 0.2)),
    );
    expect(like.density).toBe(1);
    // all held-out rows have leaked, which their neighborhood does not show
    const apart = learnCleanMatches(
      all,
      cleanWeights(500, 2).map((_, row) => lone(0.6, row, 0.1)),
    );
    expect(apart.density).toBeCloseTo(0.5 ** 0.8);
    expect(apart.standings[0]).toBeCloseTo((like.standings[0] ?? 0) * 0.5 ** 0.8);
    expect(apart.repeated).toBe(0);
  });

  test("nothing is scaled by few held-out rows, or where nothing lies around", () => {
    const all = cleanWeights(1_000, 1).map((weight, row) => ({ row, match: lone(weight, row, 0.2) }));
    expect(learnCleanMatches(all, [lone(0.1, 1, 0.01)]).density).toBe(1);
    expect(
      learnCleanMatches(
        known(1_000, 1),
        cleanWeights(500, 2).map((weight, row) => lone(weight, row, 0.1)),
      ).density,
    ).toBe(1);
  });

  test("what other stages find is left out", () => {
    const near = known(1_000, 1).map(({ row }) => ({ row, match: matchOf([row], [0.9], row % 2 === 0) }));
    expect(learnCleanMatches(near, []).standings).toHaveLength(500);
  });
});
