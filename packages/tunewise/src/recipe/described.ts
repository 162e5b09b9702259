/** @file Looks up keys, defaults and allowed values by path in the recipe's JSON Schema, which editors use too. */
import * as z from "zod";
import { recipeFileSchema } from "./schema.ts";

/** Parts of a JSON Schema node used here. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
}

/**
 * Returns the recipe's JSON Schema in draft-07, which YAML editors support.
 *
 * @source json-schema.org draft-07
 */
export function recipeJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(recipeFileSchema, { target: "draft-7", io: "input" });
  return { $schema, title: "tunewise recipe", description: "One fine-tune: tunewise.yaml", ...rest };
}

let root: SchemaNode | undefined;

/** Returns the schema at a path of keys and list indexes, or `undefined`. */
export function describedAt(path: readonly PropertyKey[]): SchemaNode | undefined {
  root ??= recipeJsonSchema() as SchemaNode;
  let node: SchemaNode | undefined = root;
  for (const part of path) {
    node =
      typeof part === "number"
        ? alternatives(node).find((form) => form.items)?.items
        : alternatives(node).find((form) => form.properties && Object.hasOwn(form.properties, part))
            ?.properties?.[String(part)];
    if (node === undefined) return undefined;
  }
  return node;
}

/** Returns the keys allowed in the section at a path. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  return alternatives(describedAt(path)).flatMap((form) => Object.keys(form.properties ?? {}));
}

/** Returns the words allowed at a path; empty if it is not a choice. */
export function wordsAt(path: readonly PropertyKey[]): readonly string[] {
  return alternatives(describedAt(path))
    .flatMap((form) => form.enum ?? [])
    .filter((word) => typeof word === "string");
}

/** Returns the JSON Schema types allowed at a path: `integer`, `array` ... */
export function typesAt(path: readonly PropertyKey[]): readonly string[] {
  return alternatives(describedAt(path)).flatMap((form) => form.type ?? []);
}

/** Returns the paths of all sections that have the key. */
export function sectionsWith(key: string): readonly (readonly string[])[] {
  const found: string[][] = [];
  const visit = (path: string[]): void => {
    for (const name of keysAt(path)) {
      if (name === key) found.push(path);
      visit([...path, name]);
    }
  };
  visit([]);
  return found;
}

function alternatives(node: SchemaNode | undefined): readonly SchemaNode[] {
  return node === undefined ? [] : [node, ...(node.anyOf ?? [])];
}
