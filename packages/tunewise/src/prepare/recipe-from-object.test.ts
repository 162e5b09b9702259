import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { TunewiseError } from "../problem/index.ts";
import { recipeFromText } from "./load-recipe.ts";
import { type RecipeObject, recipeFromObject } from "./recipe-from-object.ts";

const root = temporaryFolder();
let count = 0;
let cwd = "";
beforeEach(() => {
  cwd = join(root, `project-${count++}`);
});

const rows = [
  { prompt: "2 + 2", completion: "4" },
  { prompt: "3 + 3 = ü\n", completion: "6" },
];
const from = (object: unknown, options = {}) => recipeFromObject(object as RecipeObject, { cwd }, options);

describe("a recipe object", () => {
  test("is read like the same recipe in a file", async () => {
    const object = {
      name: "sums",
      model: { source: "a/b", revision: "v1" },
      data: { train: "a.jsonl", split: { validation: 0.2 }, max_length: 64 },
      method: { kind: "qlora", rank: 8 },
      budget: { usd: 2 },
    } as const satisfies RecipeObject;
    const loaded = await from(object, { budgetMinutes: 3 });
    const file = recipeFromText(JSON.stringify(object), join(cwd, "tunewise.yaml"), "tunewise.yaml");
    expect(loaded.recipe).toEqual({ ...file.recipe, budget: { usd: 2, minutes: 3 } });
    expect([loaded.folder, loaded.open]).toEqual([cwd, file.open]);
    expect(existsSync(cwd)).toBe(false);
  });

  test("has file names relative to its folder", async () => {
    const { folder, path } = await from({ model: "a/b", data: { train: "a.jsonl" } }, { folder: "inner" });
    expect([folder, path]).toEqual([join(cwd, "inner"), join(cwd, "inner", "recipe-object.json")]);
  });

  test("is refused with the findings of a file", async () => {
    const error = await from({ model: "a/b", data: { train: "a.jsonl" }, method: { rnak: 8 } }).catch(
      (e) => e,
    );
    expect(error).toMatchObject({ code: "RECIPE_INVALID" });
    expect(error.message).toContain("the recipe object");
    const [finding] = error.cause;
    expect(finding).toMatchObject({ code: "RECIPE_KEY_UNKNOWN", where: [{ file: "the recipe object" }] });
    expect(finding.fix).toContain("rank");
  });
});

describe("rows in memory", () => {
  test("are written once, to a file named after them", async () => {
    const { recipe } = await from({ model: "a/b", data: { train: rows, test: "t.jsonl" } });
    expect(recipe.data.train).toMatch(/^\.tunewise\/data\/train-[0-9a-f]{16}\.jsonl$/);
    expect(recipe.data.test).toBe("t.jsonl");
    const file = join(cwd, recipe.data.train ?? "");
    expect(
      readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(rows);
    const { ino } = statSync(file);
    await from({ model: "a/b", data: { train: rows } });
    expect(statSync(file).ino).toBe(ino);
    await from({ model: "a/b", data: { train: rows.slice(1) } });
    expect(readdirSync(join(cwd, ".tunewise/data"))).toHaveLength(2);
  });

  test("replace a file that no longer has their content", async () => {
    const { recipe } = await from({ model: "a/b", data: { train: rows } });
    const file = join(cwd, recipe.data.train ?? "");
    writeFileSync(file, "{}\n");
    await from({ model: "a/b", data: { train: rows } });
    expect(readFileSync(file, "utf8")).toContain("2 + 2");
  });

  test.each([
    [{ output: "out" }, {}, "out/data/"],
    [{ output: "out" }, { output: "other" }, "other/data/"],
    [{}, { folder: "inner", output: "../out" }, "../out/data/"],
  ])("of %j with %j are below %s", async (keys, options, start) => {
    const { recipe, folder } = await from({ model: "a/b", data: { train: rows }, ...keys }, options);
    expect(recipe.data.train?.startsWith(start)).toBe(true);
    expect(existsSync(join(folder, recipe.data.train ?? ""))).toBe(true);
  });

  test.each([
    ["data.train[1]", [rows[0], undefined]],
    ["n in data.train[0]", [{ n: Number.NaN }]],
    ["n in data.train[0]", [{ n: [{ n: 1n }] }]],
    ["f in data.train[0]", [{ f: () => 1 }]],
  ])("that JSON cannot hold are refused: %s", async (name, train) => {
    const error = await from({ model: "a/b", data: { train } }).catch((e) => e);
    expect(TunewiseError.is(error) && error.code).toBe("USAGE_VALUE_INVALID");
    expect(error.message).toContain(name);
    expect(existsSync(cwd)).toBe(false);
  });

  test("may be none, which makes an empty file", async () => {
    const { recipe } = await from({ model: "a/b", data: { train: [] } });
    expect(statSync(join(cwd, recipe.data.train ?? "")).size).toBe(0);
  });
});
