/**
 * @file What the schema says about a path: keys, default, words of a choice. Also the JSON Schema for editors.
 */
import * as z from "zod";
import { recipeFileSchema } from "./schema.ts";

/** The parts of a JSON Schema node that errors and editors use. */
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
 * The recipe's JSON Schema, draft-07, which YAML editors understand.
 *
 * @source json-schema.org draft-07
 */
export function recipeJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(recipeFileSchema, { target: "draft-7", io: "input" });
  return { $schema, title: "tunewise recipe", description: "One fine-tune: tunewise.yaml", ...rest };
}

let root: SchemaNode | undefined;

/** The schema at a path of keys and list positions, or `undefined` where the recipe knows none. */
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

/** Keys allowed in the section at a path. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  return alternatives(describedAt(path)).flatMap((form) => Object.keys(form.properties ?? {}));
}

/** Words allowed at a path; empty where anything else is. */
export function wordsAt(path: readonly PropertyKey[]): readonly string[] {
  return alternatives(describedAt(path))
    .flatMap((form) => form.enum ?? [])
    .filter((word) => typeof word === "string");
}

/** Kinds of value allowed at a path, in JSON Schema's words: `integer`, `array` ... */
export function typesAt(path: readonly PropertyKey[]): readonly string[] {
  return alternatives(describedAt(path)).flatMap((form) => form.type ?? []);
}

/** Every section that has the key, as paths. */
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
