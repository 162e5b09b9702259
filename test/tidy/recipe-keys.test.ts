import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

const schema = JSON.parse(readFileSync("schema/tunewise.schema.json", "utf8")) as Schema;
const page = readFileSync("docs/recipes.md", "utf8");

/** Dotted names of all keys without subkeys. */
function keysOf({ properties, anyOf }: Schema, prefix = ""): string[] {
  const below = Object.entries(properties ?? {}).flatMap(([key, one]) => {
    const deeper = keysOf(one, `${prefix}${key}.`);
    return deeper.length > 0 ? deeper : [prefix + key];
  });
  return [...below, ...(anyOf ?? []).flatMap((one) => keysOf(one, prefix))];
}

/** Whether the page explains a key: alone under its section's heading, or with some of its parent keys. */
function isExplained(key: string): boolean {
  const words = key.split(".");
  const names = words.flatMap((_, at) => [words.slice(at).join("."), `.${words.slice(at).join(".")}`]);
  return names.some((name) => page.includes(`\`${name}\``));
}

test("the page on recipes explains every key of the schema", () => {
  const keys = [...new Set(keysOf(schema))];
  expect(keys.length).toBeGreaterThan(80);
  expect(keys.filter((key) => !isExplained(key))).toEqual([]);
});
