/**
 * @file Fields of requests about models: what a model, a tag, an alias may be called, and how long texts may be.
 *
 * @source mlflow/mlflow mlflow/utils/validation.py
 */

import type { KeyValue, VersionStage } from "@tunewise/tracker";
import type { z } from "zod";
import {
  field,
  fieldsOf,
  integerFrom,
  invalid,
  itemField,
  list,
  listOf,
  type Shape,
  textBy,
  ValidationError,
} from "../fields.ts";
import { invalidParameter, notFound } from "../refuse.ts";

const maxName = 256;
const maxKey = 250;
const maxValue = 100_000;
const maxAlias = 255;
const maxId = 256;
/** Tags or parameters of one request. */
const maxFacts = 1000;

/** A text of so many characters at most; it may be missing. */
export function boundedText(max: number = maxValue): z.ZodType<string | undefined> {
  return textBy((text) => bounded(text, max));
}

/** The same, and neither missing nor empty. */
export function someText(max: number = maxValue): z.ZodType<string> {
  return textBy((text) => some(text, max), true);
}

function bounded(text: string | undefined, max: number): string | undefined {
  if (text === undefined) return undefined;
  if (text.includes("\0")) throw new ValidationError(text, "it holds a NUL letter");
  if (text.length > max) throw new ValidationError(text, `it has more than ${max} letters`);
  return text;
}

function some(text: string | undefined, max: number): string {
  const found = bounded(text, max);
  if (found === undefined || found === "") throw new ValidationError(undefined);
  return found;
}

/** The id of a run or of a model. */
export const idText: z.ZodType<string> = someText(maxId);

/** An id that may be missing or empty: `null` then. */
export const idOrNull: z.ZodType<string | null> = textBy((text) => {
  const id = bounded(text, maxId);
  if (id === undefined || id === "") return null;
  if (!/^[a-zA-Z0-9][\w-]*$/.test(id)) throw new ValidationError(id);
  return id;
});

/** The name of a registered model. */
export const registeredName: z.ZodType<string> = textBy((text) => {
  const name = some(text, maxName);
  if (name.trim() === "") throw new ValidationError(undefined);
  if (/[/:]/.test(name)) {
    throw invalidParameter(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  }
  if (name === "." || name === "..")
    throw new ValidationError(name, "names must be different from a path's parts");
  return name;
}, true);

/** Fields that name a version. */
export const versionFields: Shape<{ name: string; version: number }> = {
  name: registeredName,
  version: field(
    { type: "string" },
    (value) => {
      const version = integerFrom(value);
      if (version === undefined) throw new ValidationError(undefined);
      return version;
    },
    true,
  ),
};

/** A stage, in whatever case. @throws {Refusal} 400 */
export function versionStage(text: string): VersionStage {
  const stage = stages.find((one) => one.toLowerCase() === text.toLowerCase());
  if (stage) return stage;
  const known = stages.join(", ");
  throw invalidParameter(
    `Invalid Model Version stage: ${text.slice(0, 100)}. Value must be one of ${known}.`,
  );
}

/** All stages. */
export const stages: readonly VersionStage[] = ["None", "Staging", "Production", "Archived"];

/** The name of an alias. */
export const aliasName: z.ZodType<string> = textBy(readAlias, true);

/** The name of an alias that may be given to a version: those that stand for versions already may not. */
export const newAlias: z.ZodType<string> = textBy((text) => {
  const alias = readAlias(text);
  if (alias.toLowerCase() !== "latest" && !/^v\d+$/i.test(alias)) return alias;
  throw invalidParameter(`Alias name '${alias}' is reserved.`);
}, true);

function readAlias(text: string | undefined): string {
  const alias = some(text, maxAlias);
  if (/^[\p{L}\p{N}_-]+$/u.test(alias)) return alias;
  throw new ValidationError(alias, "letters, digits, underscores and dashes are allowed");
}

/** The key of any tag or parameter. */
export const keyText: z.ZodType<string> = someText(maxKey);

/** The key of a tag in the registry: names with slashes between them. */
export const tagKey: z.ZodType<string> = textBy((text) => {
  const key = some(text, maxKey);
  if (!isTagKey(key)) throw new ValidationError(key);
  return key;
}, true);

function isTagKey(key: string): boolean {
  const isPlain = key.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  return isPlain && /^[\p{L}\p{N}_/.\- :]+$/u.test(key);
}

/** The value of a tag; empty if it is missing. */
export const tagValue: z.ZodType<string> = textBy((text) => bounded(text, maxValue) ?? "");

/** Keys and values in a list; `strict` demands of keys what the registry demands. */
export function facts(name: string, strict: boolean, isRequired = false): z.ZodType<KeyValue[]> {
  return list(
    listOf("Fact"),
    (items) => {
      if (items.length > maxFacts) throw invalid(name, items.length, `at most ${maxFacts} at once`);
      return items.map((item) => {
        const fact = fieldsOf(item);
        const key = itemField(fact, "key", keyText);
        if (strict && !isTagKey(key)) throw invalid("key", key);
        return { key, value: itemField(fact, "value", tagValue) };
      });
    },
    isRequired,
  );
}

/** The id of a logged model in a path. What cannot be one names no model. @throws {Refusal} 404 */
export function modelId({ id = "" }: Readonly<Record<string, string>>): string {
  if (id.length <= maxId && /^[a-zA-Z0-9][\w-]*$/.test(id)) return id;
  throw notFound("There is no logged model of such an id.");
}
