import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  describedAt,
  keysAt,
  recipeJsonSchema,
  type SchemaNode,
  sectionsWith,
  wordsAt,
} from "./described.ts";
import { camelKeys, snakeKeys } from "./draft.ts";
import { synonyms } from "./issue.ts";
import { readRecipe } from "./read.ts";

describe("the JSON Schema", () => {
  it("is the committed one", () => {
    const committed = JSON.parse(readFileSync("schema/tunewise.schema.json", "utf8"));
    const { $comment, ...rest } = committed;
    expect($comment).toContain("tools/generate-schema.ts");
    expect(rest).toEqual(recipeJsonSchema());
  });

  it("describes every key", () => {
    const mute = everyKey().filter((path) => !describedAt(path)?.description);
    expect(mute).toEqual([]);
  });

  it("names the default of every key that has a fixed one", () => {
    const silent = everyKey().filter((path) => {
      const { default: value, description = "", properties } = describedAt(path) ?? {};
      const fixed =
        value !== null && value !== undefined && value !== "" && !properties && !Array.isArray(value);
      return fixed && !/Default: /.test(description);
    });
    expect(silent).toEqual([]);
  });

  it("states in words the default that it sets", () => {
    const wrong = everyKey().flatMap((path) => {
      const { default: value, description = "" } = describedAt(path) ?? {};
      const [, said] = /Default: ([\w.{}-]+?)[.,]?( |$)/.exec(description) ?? [];
      if (said === undefined || !["number", "boolean", "string"].includes(typeof value)) return [];
      const equal = typeof value === "number" ? Number(said) === value : said === String(value);
      return equal ? [] : [`${path.join(".")}: says ${said}, sets ${value}`];
    });
    expect(wrong).toEqual([]);
  });

  it("allows no unknown key in any section", () => {
    const open: string[] = [];
    visit(recipeJsonSchema() as SchemaNode, "recipe", (node, name) => {
      if (node.properties && (node as { additionalProperties?: boolean }).additionalProperties !== false)
        open.push(name);
    });
    expect(open).toEqual([]);
  });

  it("knows words and keys by path", () => {
    expect(wordsAt(["training", "schedule"])).toEqual(["constant", "linear", "cosine"]);
    expect(wordsAt(["task", "metrics", 3])).toContain("macro_f1");
    expect(keysAt(["data", "columns"])).toEqual(["prompt", "completion", "reasoning"]);
    expect(keysAt(["data", "nothing"])).toEqual([]);
    expect(sectionsWith("minutes")).toEqual([["budget"], ["search", "budget"]]);
    expect(describedAt(["constructor"])).toBeUndefined();
  });
});

describe("synonyms", () => {
  it.each(synonyms())("%s leads to %s, which exists", (theirs, ours) => {
    expect(describedAt(ours.split("."))).toBeDefined();
    expect(keysAt([])).not.toContain(theirs);
  });
});

describe("key names", () => {
  it("change both ways without loss", () => {
    const { recipe } = readRecipe("model: a/b\ndata: { train: a.csv }\n", "x");
    expect(camelKeys(snakeKeys(recipe))).toEqual(recipe);
  });

  it("leave values alone", () => {
    expect(snakeKeys({ topP: ["maxNew", { beta1: "a_b" }] })).toEqual({
      top_p: ["maxNew", { beta1: "a_b" }],
    });
  });
});

function everyKey(): string[][] {
  const found: string[][] = [];
  const down = (path: string[]): void => {
    for (const key of keysAt(path)) {
      found.push([...path, key]);
      down([...path, key]);
    }
  };
  down([]);
  return found;
}

function visit(node: SchemaNode, name: string, see: (node: SchemaNode, name: string) => void): void {
  see(node, name);
  for (const [key, inner] of Object.entries(node.properties ?? {})) visit(inner, `${name}.${key}`, see);
  for (const form of node.anyOf ?? []) visit(form, name, see);
  if (node.items) visit(node.items, `${name}[]`, see);
}
