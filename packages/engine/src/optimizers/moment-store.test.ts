import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { momentsInFile, momentsInMemory } from "./moment-store.ts";
import { type OptimizerSettings, update } from "./optimizer.ts";

const folder = mkdtempSync(join(tmpdir(), "tunewise-moments-"));
afterAll(() => rmSync(folder, { recursive: true }));

const lengths = [7, 1, 12, 5];

describe.each(["adamw", "sgd"] as const)("moments of %s on disk", (optimizer) => {
  const settings: OptimizerSettings = {
    optimizer,
    weightDecay: 0.1,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
  };

  test.each([1, 4, 5, 100])("in pieces of %i values train as those in memory do", async (piece) => {
    const path = join(folder, `${optimizer}-${piece}`);
    const stores = [momentsInMemory(settings, lengths), await momentsInFile(settings, lengths, path, piece)];
    const results: Float32Array[][] = [];
    for (const store of stores) {
      const values = lengths.map((length) => Float32Array.from({ length }, (_, at) => Math.sin(at)));
      for (let step = 1; step <= 3; step++) {
        for (const [index, whole] of values.entries()) {
          const gradient = whole.map((value, at) => Math.cos(value * step + at));
          await store.change(index, (moments, from) => {
            const part = (all: Float32Array): Float32Array => all.subarray(from, from + moments.first.length);
            const about = { step, learningRate: 0.1, gradientScale: 1 };
            update(settings, part(whole), part(gradient), moments, about);
          });
        }
      }
      const seen: number[] = [];
      for (const index of lengths.keys()) {
        for await (const { first, second } of store.pieces(index)) seen.push(...first, ...second);
      }
      results.push([...values, Float32Array.from(seen.sort((a, b) => a - b))]);
    }
    expect(results[1]).toEqual(results[0]);
    expect(statSync(path).size).toBe(4 * 25 * (optimizer === "adamw" ? 2 : 1));
    await stores[1]?.close();
    expect(existsSync(path)).toBe(false);
  });
});
