/** @file Replayed rows among the training rows: the seed determines which are chosen. */
import { expect, test } from "vitest";
import { mixReplayRows } from "./reference-rows.ts";

type Rows = Parameters<typeof mixReplayRows>[0];
type MixedRecipe = Parameters<typeof mixReplayRows>[2];

const rows = (count: number): Rows =>
  Array.from({ length: count }, (_, example) => ({ ids: [example], example }) as unknown as Rows[number]);

test.each<[number, number[]]>([
  [0, [2, 2, 8, 6, 3, 6, 3, 6, 5]],
  [1, [2, 3, 5, 7, 0, 3, 7, 5, 0]],
  [17, [2, 8, 4, 2, 7, 3, 6, 2, 1]],
  [1099511627783, [2, 9, 6, 9, 0, 8, 3, 0, 0]],
])("three of ten rows are old ones, chosen by seed %i", (seed, chosen) => {
  const recipe = { regularization: { share: 0.3 }, training: { seed } } as MixedRecipe;
  const mixed = mixReplayRows(rows(20), rows(10), recipe);
  expect(mixed.slice(0, 20)).toEqual(rows(20));
  expect(mixed.slice(20).map(({ ids }) => ids[0])).toEqual(chosen);
  expect(mixed.map(({ example }) => example)).toEqual([...mixed.keys()]);
});
