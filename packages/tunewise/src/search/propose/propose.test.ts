import { mulberry32For, normalCdf } from "@tunewise/core/math";
import { describe, expect, it } from "vitest";
import { axesOf, placesOf } from "../space/axis.ts";
import { cholesky, solveLower, solveUpper } from "./cholesky.ts";
import { expectedGain, forFit } from "./expected-improvement.ts";
import { fitSurface } from "./gaussian-process.ts";
import { haltonPlace } from "./halton.ts";
import { densityFrom } from "./kernel-density.ts";
import { propose } from "./propose.ts";

const axes = axesOf({
  x: { kind: "uniform", low: 0, high: 1 },
  y: { kind: "uniform", low: 0, high: 1 },
  z: { kind: "choice", values: ["a", "b", "c"] },
});
const bowl = (place: ArrayLike<number>) =>
  ((place[0] ?? 0) - 0.3) ** 2 + ((place[1] ?? 0) - 0.7) ** 2 + ((place[2] ?? 0) < 1 / 3 ? 0 : 0.2);

describe("a proposer", () => {
  it.each(["tpe", "gaussian-process"] as const)("%s closes in on a bowl's bottom", (proposer) => {
    const best = [1, 2, 3].map((seed) => search(proposer, seed, 40));
    const even = [1, 2, 3].map((seed) => search("halton", seed, 40));
    expect(Math.max(...best)).toBeLessThan(proposer === "tpe" ? 0.02 : 0.002);
    expect(sum(best)).toBeLessThan(sum(even));
  });

  it("proposes the same for the same seed and another for another", () => {
    const seen = { done: [], running: [] };
    const input = { axes, proposer: "random", seen, tried: [] } as const;
    const first = propose({ ...input, seed: 1, index: 3 });
    expect(propose({ ...input, seed: 1, index: 3 })).toEqual(first);
    expect(propose({ ...input, seed: 2, index: 3 })).not.toEqual(first);
  });

  it("never proposes what is as good as tried, and says when nothing else is left", () => {
    const small = axesOf({
      n: { kind: "integer", low: 1, high: 3 },
      s: { kind: "choice", values: ["a", "b"] },
    });
    const tried: Float64Array[] = [];
    for (let index = 0; index < 6; index++) {
      const next = propose({
        axes: small,
        proposer: "tpe",
        seed: 5,
        index,
        tried,
        seen: { done: tried.map((place) => ({ place, loss: place[0] ?? 0 })), running: [] },
      });
      if (next !== null) tried.push(next.place);
    }
    expect(new Set(tried.map((place) => place.join())).size).toBe(6);
    const after = { axes: small, proposer: "tpe", seed: 5, index: 6, tried } as const;
    expect(propose({ ...after, seen: { done: [], running: [] } })).toBeNull();
  });

  it("takes trials that failed as bad places", () => {
    const done = Array.from({ length: 30 }, (_, at) => {
      const place = haltonPlace(at, 3, 9);
      return { place, loss: (place[0] ?? 0) > 0.5 ? Number.POSITIVE_INFINITY : bowl(place) };
    });
    for (const proposer of ["tpe", "gaussian-process"] as const) {
      const next = propose({ axes, proposer, seed: 1, index: 30, seen: { done, running: [] }, tried: [] });
      expect(next?.place[0], proposer).toBeLessThan(0.5);
    }
  });
});

describe("what proposers are made of", () => {
  it("spreads Halton points evenly: each third of each side gets its third", () => {
    const points = Array.from({ length: 243 }, (_, at) => haltonPlace(at, 4, 11));
    for (let side = 0; side < 4; side++) {
      const low = points.filter((point) => (point[side] ?? 0) < 1 / 3).length;
      expect(Math.abs(low - 81)).toBeLessThanOrEqual(3);
    }
  });

  it("makes densities that sum to one and draw as they say", () => {
    const places = [
      [0.1, 0.5, 1 / 6],
      [0.2, 0.9, 0.5],
    ];
    const density = densityFrom(axes, places, [1, 2]);
    let whole = 0;
    const steps = 60;
    for (let x = 0; x < steps; x++) {
      for (let y = 0; y < steps; y++) {
        for (const z of [1 / 6, 0.5, 5 / 6]) {
          whole += Math.exp(density.logAt([(x + 0.5) / steps, (y + 0.5) / steps, z])) / steps ** 2;
        }
      }
    }
    expect(whole).toBeCloseTo(1, 2);
    const random = mulberry32For(3);
    const drawn = Array.from({ length: 2000 }, () => density.draw(random));
    expect(drawn.every((place) => place.every((one) => one >= 0 && one <= 1))).toBe(true);
  });

  it("knows the normal distribution", () => {
    expect(normalCdf(0)).toBeCloseTo(0.5, 6);
    expect(normalCdf(1.959964)).toBeCloseTo(0.975, 6);
    expect(normalCdf(-1.959964)).toBeCloseTo(0.025, 6);
  });

  it("solves with a triangular root", () => {
    const matrix = Float64Array.from([4, 2, 0.6, 2, 5, 1, 0.6, 1, 3]);
    const root = cholesky(matrix, 3) as Float64Array;
    const x = solveUpper(root, 3, solveLower(root, 3, [1, 2, 3]));
    const back = [0, 1, 2].map((row) =>
      sum([0, 1, 2].map((at) => (matrix[row * 3 + at] ?? 0) * (x[at] ?? 0))),
    );
    for (const [at, one] of [1, 2, 3].entries()) expect(back[at]).toBeCloseTo(one, 12);
    expect(cholesky(Float64Array.from([1, 2, 2, 1]), 2)).toBeNull();
  });

  it("fits a surface that goes through trials without noise and is unsure far from them", () => {
    const places = Array.from({ length: 30 }, (_, at) =>
      placesOf(axes, { x: (at % 6) / 10, y: Math.floor(at / 6) / 5, z: "a" }),
    );
    const surface = fitSurface(axes, places, places.map(bowl));
    for (const place of places) expect(surface.at(place).mean).toBeCloseTo(bowl(place), 1);
    const near = surface.at([0.25, 0.3, 1 / 6]);
    const far = surface.at([1, 1, 5 / 6]);
    expect(near.mean).toBeCloseTo(bowl([0.25, 0.3, 0]), 1);
    expect(far.deviation).toBeGreaterThan(5 * near.deviation);
    expect(expectedGain(surface, Float64Array.from([0.3, 0.7, 1 / 6]), 0.05)).toBeGreaterThan(0);
  });

  it("keeps failures from taking all of the surface's variance", () => {
    const places = [0, 0.5, 1].map((x) => Float64Array.from([x, 0, 0]));
    const losses = [1, 2, Number.POSITIVE_INFINITY];
    const kept = forFit(places.map((place, at) => ({ place, loss: losses[at] as number })));
    expect(kept.map(({ loss }) => loss)).toEqual([1, 2, 3]);
  });

  it("fits no more trials than it can", () => {
    const done = Array.from({ length: 500 }, (_, at) => ({ place: haltonPlace(at, 3, 1), loss: at }));
    expect(forFit(done).length).toBeLessThanOrEqual(121);
    expect(forFit(done)[0]?.loss).toBe(0);
  });
});

function search(proposer: "tpe" | "gaussian-process" | "halton", seed: number, trials: number): number {
  const done: { place: Float64Array; loss: number }[] = [];
  for (let index = 0; index < trials; index++) {
    const tried = done.map(({ place }) => place);
    const next = propose({ axes, proposer, seed, index, seen: { done, running: [] }, tried });
    if (next !== null) done.push({ place: next.place, loss: bowl(next.place) });
  }
  return Math.min(...done.map(({ loss }) => loss));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
