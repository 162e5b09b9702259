/**
 * @file Fields of requests about models: rules for names of models, tags and aliases, and maximum lengths of texts.
 *
 * @source mlflow/mlflow mlflow/utils/validation.py
 */

import type { z } from "zod";
import type { KeyValue, VersionStage } from "../../../index.ts";
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
/** Maximum tags or parameters of a request. */
const maxFacts = 1000;

/** An optional text with a maximum length. */
export function boundedText(max: number = maxValue): z.ZodType<string | undefined> {
  return textBy((text) => bounded(text, max));
}

/** A required text with a maximum length that must not be empty. */
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

/** An id; `null` if it is missing or empty. */
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

/** Parses a stage, in any case. @throws {HttpError} 400 */
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

/** The name of an alias to set; refuses names that denote versions already. */
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

/** The key of a tag in the registry: names separated by slashes. */
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

/** A list of keys and values; `strict` applies the registry's rules to keys. */
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

/** The id of a logged model in a path. @throws {HttpError} 404 for an invalid one */
export function modelId({ id = "" }: Readonly<Record<string, string>>): string {
  if (id.length <= maxId && /^[a-zA-Z0-9][\w-]*$/.test(id)) return id;
  throw notFound("There is no logged model of such an id.");
}
