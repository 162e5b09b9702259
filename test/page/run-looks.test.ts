/**
 * @file Colors of runs have enough contrast on both backgrounds of both themes and differ from each other; no two runs
 * in a chart look alike.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { lookOf, looksOf, maxDrawn, noLook } from "../../web/src/data/run-looks.ts";

const tokens = readFileSync("web/src/style/1-tokens.css", "utf8");

/** The values of a token in the light and in the dark theme. */
function themesOf(name: string): readonly [string, string] {
  const line = tokens.split("\n").find((one) => one.trim().startsWith(`--${name}:`)) ?? "";
  const [, light, dark] = /light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/.exec(line) ?? [];
  if (light === undefined || dark === undefined) throw new Error(`no token --${name}`);
  return [light, dark];
}

/**
 * Linear red, green and blue of an sRGB color.
 *
 * @source IEC 61966-2-1
 */
function linear(color: string): [number, number, number] {
  const part = (from: number): number => {
    const value = Number.parseInt(color.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

/**
 * The contrast ratio of two colors.
 *
 * @source WCAG 2.2, contrast ratio
 */
function contrast(one: string, other: string): number {
  const light = (color: string): number => {
    const [red, green, blue] = linear(color);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  const [a, b] = [light(one), light(other)];
  return Math.max(a, b) / Math.min(a, b);
}

/**
 * The perceptual distance of two colors.
 *
 * @source Ottosson 2020, OKLab
 */
function distance(one: string, other: string): number {
  const lab = (color: string): number[] => {
    const [red, green, blue] = linear(color);
    const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
    const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
    const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
    return [
      0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ];
  };
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(...a.map((value, at) => value - (b[at] ?? 0)));
}

const places = Array.from({ length: maxDrawn }, (_, at) => at);

describe.each(["light", "dark"])("in the %s theme", (theme) => {
  const at = theme === "light" ? 0 : 1;
  const colors = places.map((place) => themesOf(`run-${place}`)[at] ?? "");

  test.each(["ground", "raised"])("colors are seen on the %s", (ground) => {
    for (const color of colors)
      expect(contrast(color, themesOf(ground)[at] ?? ""), color).toBeGreaterThanOrEqual(3);
  });

  test("colors are told apart, those of solid lines by more", () => {
    const pairs = places.flatMap((a) => places.slice(0, a).map((b) => [a, b] as const));
    for (const [a, b] of pairs) {
      const [one = "", other = ""] = [colors[a], colors[b]];
      expect(distance(one, other), `${a} ${b}`).toBeGreaterThan(a < 10 && b < 10 ? 0.1 : 0.06);
    }
  });
});

describe("looks", () => {
  const many = Array.from({ length: 40 }, (_, at) => `run-${at * 7}`);
  const text = (ids: readonly string[]): string[] =>
    [...looksOf(ids).values()].map(({ color, isDashed }) => `${color} ${isDashed}`);

  test("differ within what is drawn together; those beyond are not told apart", () => {
    expect(new Set(text(many)).size).toBe(maxDrawn);
    expect(looksOf(many).size).toBe(maxDrawn);
    expect(looksOf(many).get(many[30] ?? "") ?? noLook).toBe(noLook);
    // up to ten new runs need no dashes
    const ten = Array.from({ length: 10 }, (_, at) => `fresh-${at}`);
    expect([...looksOf(ten).values()].every(({ isDashed }) => !isDashed)).toBe(true);
  });

  test("stay what they were, whatever else is drawn", () => {
    const before = looksOf(["a", "b", "c"]);
    looksOf([...many.slice(0, 10), "c"]);
    expect(looksOf(["c", "a"]).get("a")).toEqual(before.get("a"));
    expect(lookOf("a")).toEqual(before.get("a"));
    expect(looksOf(["a", "a"]).size).toBe(1);
  });
});
