import fc from "fast-check";
import { expect, test } from "vitest";
import { ChoiceSearch, type NextTokens } from "./choice-search.ts";
import { buildTokenTree } from "./token-tree.ts";

const vocabulary = 5;

/** Log probabilities of tokens 0 to 4 and of the end, which depend only on the path. */
function model(seed: number, sharpness: number): (path: readonly number[]) => NextTokens {
  return (path) => {
    let state = path.reduce((hash, token) => (hash * 31 + token + 7) % 65_521, seed + 1);
    const weights = Array.from({ length: vocabulary + 1 }, () => {
      state = (state * 75 + 74) % 65_537;
      return Math.exp((sharpness * state) / 65_537);
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const of = (token: number): number => Math.log((weights[token] as number) / total);
    return { of, end: of(vocabulary) };
  };
}

/** Searches as the engine does; returns the result and the number of tokens read. */
function search(choices: readonly number[][], next: (path: readonly number[]) => NextTokens, most = 256) {
  const tree = buildTokenTree(choices);
  const found = new ChoiceSearch(tree);
  const pathOf = (node: number): number[] =>
    node === 0 ? [] : [...pathOf(tree.parents[node] as number), tree.tokens[node] as number];
  found.expand(0, next([]));
  let [tokens, passes] = [0, 0];
  while (found.result === null) {
    const nodes = found.next(most);
    passes++;
    tokens += nodes.length;
    for (const node of nodes) if (found.isUnread(node)) found.expand(node, next(pathOf(node)));
  }
  return { ...found.result, tokens, passes };
}

function scoreOf(choice: readonly number[], next: (path: readonly number[]) => NextTokens): number {
  const path = choice.reduce((sum, token, at) => sum + next(choice.slice(0, at)).of(token), 0);
  return path + next(choice).end;
}

test("the answer found is the likeliest of all, whatever is asked at once", () => {
  const sequence = fc.array(fc.nat({ max: vocabulary - 1 }), { minLength: 1, maxLength: 5 });
  const property = fc.property(
    fc.array(sequence, { minLength: 1, maxLength: 30 }),
    fc.nat({ max: 9999 }),
    fc.double({ min: 0, max: 12, noNaN: true }),
    fc.constantFrom(1, 4, 256),
    (choices, seed, sharpness, most) => {
      const next = model(seed, sharpness);
      const found = search(choices, next, most);
      const best = Math.max(...choices.map((choice) => scoreOf(choice, next)));
      expect(scoreOf(choices[found.choice] as number[], next)).toBeCloseTo(best, 9);
      expect(found.logProbability).toBeCloseTo(best, 9);
    },
  );
  fc.assert(property);
});

test("a label that another begins with is told apart by its end", () => {
  const certain = (likely: number[]) => (path: readonly number[]) => {
    const at = likely[path.length] ?? vocabulary;
    const of = (token: number): number => Math.log(token === at ? 0.9 : 0.02);
    return { of, end: of(vocabulary) };
  };
  const choices = [[1], [1, 2], [1, 2, 3]];
  expect(search(choices, certain([1])).choice).toBe(0);
  expect(search(choices, certain([1, 2])).choice).toBe(1);
  expect(search(choices, certain([1, 2, 3])).choice).toBe(2);
});

test("the likeliest first token need not begin the likeliest answer", () => {
  // probability 0.6 for token 0, whose successors share it evenly; 0.4 for token 1, whose successor is certain
  const next = (path: readonly number[]): NextTokens => {
    if (path.length === 0) return { of: (token) => Math.log([0.6, 0.4][token] ?? 0), end: -99 };
    if (path[0] === 0 && path.length === 1) return { of: () => Math.log(0.25), end: -99 };
    return { of: () => 0, end: 0 };
  };
  expect(
    search(
      [
        [0, 0],
        [0, 1],
        [0, 2],
        [0, 3],
        [1, 4],
      ],
      next,
    ).choice,
  ).toBe(4);
});

test("one pass over one label where the model is sure, few passes where it knows nothing", () => {
  const choices = Array.from({ length: 64 }, (_, at) => [at % 4, (at >> 2) % 4, at >> 4, 4, 4]);
  const sure = search(choices, (path) => {
    const of = (token: number): number => Math.log(token === (path.length < 3 ? 2 : 4) ? 0.97 : 0.01);
    return { of, end: path.length === 5 ? -0.03 : -5 };
  });
  expect(sure).toMatchObject({ choice: 42, passes: 3 });
  const flat = search(choices, () => ({ of: () => Math.log(1 / 6), end: Math.log(1 / 6) }));
  expect(flat.passes).toBeLessThanOrEqual(9);
});

test("of labels with the same tokens the first one counts; a model without numbers still ends", () => {
  const none = { of: () => Number.NaN, end: Number.NaN };
  expect(search([[1, 2], [1, 2], [3]], model(1, 2)).choice).not.toBe(1);
  expect(search([[1, 2], [3]], () => none).logProbability).toBe(Number.NEGATIVE_INFINITY);
});
