/**
 * @file What clients may call a model, a tag, an alias, and how long their words may be.
 *
 * @source mlflow/mlflow mlflow/utils/validation.py
 */
import type { Fact, VersionStage } from "../../../../track/index.ts";
import { type Fields, fieldsOf, invalid, listField, missing, textField, wholeField } from "../fields.ts";
import { MlflowError } from "../refuse.ts";

const nameMost = 256;
const keyMost = 250;
const valueMost = 100_000;
const aliasMost = 255;
const idMost = 256;
/** Tags or parameters of one request. */
const factsMost = 1000;

/** A text of so many letters at most, without the one letter that PostgreSQL cannot keep; `undefined` for none. */
export function boundedText(fields: Fields, name: string, most: number = valueMost): string | undefined {
  const text = textField(fields, name);
  if (text === undefined) return undefined;
  if (text.length > most) throw invalid(name, text, `it has more than ${most} letters`);
  if (text.includes("\0")) throw invalid(name, text, "it has a NUL in it");
  return text;
}

/** The same, and neither missing nor empty. */
export function someText(fields: Fields, name: string, most: number = valueMost): string {
  const text = boundedText(fields, name, most);
  if (text === undefined || text === "") throw missing(name);
  return text;
}

/** An id that may be missing or empty: `null` then. */
export function idOrNull(fields: Fields, name: string): string | null {
  const id = boundedText(fields, name, idMost);
  if (id === undefined || id === "") return null;
  if (!/^[a-zA-Z0-9][\w-]*$/.test(id)) throw invalid(name, id);
  return id;
}

/** The name of a registered model. */
export function registeredName(fields: Fields, field = "name"): string {
  const name = someText(fields, field, nameMost);
  if (name.trim() === "") throw missing(field);
  if (/[/:]/.test(name)) {
    throw new MlflowError(
      "INVALID_PARAMETER_VALUE",
      `Invalid model name '${name}'. Names cannot contain '/' or ':'.`,
    );
  }
  if (name === "." || name === "..")
    throw invalid(field, name, "names must be different from a path's parts");
  return name;
}

/** The number of a version. */
export function versionNumber(fields: Fields): number {
  const version = wholeField(fields, "version");
  if (version === undefined) throw missing("version");
  return version;
}

/** A stage, in whatever case. */
export function versionStage(text: string): VersionStage {
  const stage = stages.find((one) => one.toLowerCase() === text.toLowerCase());
  if (stage) return stage;
  const known = stages.join(", ");
  throw new MlflowError(
    "INVALID_PARAMETER_VALUE",
    `Invalid Model Version stage: ${text.slice(0, 100)}. Value must be one of ${known}.`,
  );
}

/** All stages. */
export const stages: readonly VersionStage[] = ["None", "Staging", "Production", "Archived"];

/** The name of an alias. */
export function aliasName(fields: Fields): string {
  const alias = someText(fields, "alias", aliasMost);
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias)) {
    throw invalid("alias", alias, "letters, digits, underscores and dashes are allowed");
  }
  return alias;
}

/** The name of an alias that may be given to a version: those that stand for versions already may not. */
export function newAlias(fields: Fields): string {
  const alias = aliasName(fields);
  if (alias.toLowerCase() === "latest" || /^v\d+$/i.test(alias)) {
    throw new MlflowError("INVALID_PARAMETER_VALUE", `Alias name '${alias}' is reserved.`);
  }
  return alias;
}

/** The key of a tag in the registry: words with slashes between them. */
export function tagKey(fields: Fields): string {
  const key = someText(fields, "key", keyMost);
  const isPlain = key.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  if (!isPlain || !/^[\p{L}\p{N}_/.\- :]+$/u.test(key)) throw invalid("key", key);
  return key;
}

/** Keys and values in a list; `strict` asks of keys what the registry asks. */
export function facts(fields: Fields, name: string, strict: boolean): Fact[] {
  const items = listField(fields, name);
  if (items.length > factsMost) throw invalid(name, items.length, `at most ${factsMost} at once`);
  return items.map((item) => {
    const fact = fieldsOf(item);
    const key = strict ? tagKey(fact) : someText(fact, "key", keyMost);
    return { key, value: boundedText(fact, "value") ?? "" };
  });
}

/** The id of a logged model in a path. What cannot be one names no model. */
export function modelId(words: Readonly<Record<string, string>>): string {
  const id = words["id"] ?? "";
  if (id.length <= idMost && /^[a-zA-Z0-9][\w-]*$/.test(id)) return id;
  throw new MlflowError("RESOURCE_DOES_NOT_EXIST", "There is no logged model of such an id.");
}
