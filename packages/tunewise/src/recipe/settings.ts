/**
 * @file Settings given in addition to a recipe's file, such as `training.batch_size=4`: they replace those of the file.
 */
import { problem } from "../problem/index.ts";

/** Values by key; dots separate a section and its key. */
export type RecipeSettings = Readonly<Record<string, SettingValue>>;

/** A value of a setting. Lists and sections can only be written in the file. */
export type SettingValue = string | number | boolean | null;

/** Max. settings, and max. characters of one. */
const maxSettings = 50;
const settingChars = 500;

const keyPattern = /^[a-z][a-z0-9_]{0,40}(\.[a-z][a-z0-9_]{0,40}){0,3}$/;

/**
 * Parses `KEY=VALUE,KEY=VALUE`. Numbers, `true`, `false` and `null` are read as in YAML; everything else is text.
 *
 * @param flag named in the message
 * @throws {TunewiseError} `USAGE_VALUE_INVALID`
 * @example readSettings("training.batch_size=4,method.kind=qlora", "--set")["training.batch_size"] // 4
 */
export function readSettings(text: string, flag: string): RecipeSettings {
  const pairs = text.split(",").map((part): [string, SettingValue] => {
    const at = part.indexOf("=");
    const [key, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    if (at < 1 || value === "" || part.length > settingChars || !keyPattern.test(key))
      throw noSetting(flag, part);
    return [key, settingValue(value)];
  });
  const settings = Object.fromEntries(pairs);
  if (Object.keys(settings).length < pairs.length || pairs.length > maxSettings) throw noSetting(flag, text);
  return settings;
}

/** Formats settings as for `--set`; empty if there are none. */
export function settingsText(settings: RecipeSettings): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

function noSetting(flag: string, text: string): Error {
  return problem("USAGE_VALUE_INVALID", {
    name: flag,
    expected: `keys of the recipe with values, each once, ${maxSettings} at most`,
    found: JSON.stringify(text.slice(0, 80)),
    fix: `write ${flag} training.batch_size=4,data.max_length=512`,
  });
}

function settingValue(text: string): SettingValue {
  if (text === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  return /^[-+]?\d{1,20}(\.\d{1,20})?(e[-+]?\d{1,3})?$/i.test(text) ? Number(text) : text;
}

/**
 * Applies settings to the parsed value of a recipe's file, before validation. `training.epochs` removes the file's
 * `training.steps`, which would override it.
 *
 * @param value as parsed; not modified
 * @returns a changed copy, or the value itself if it is not a section, which its reader reports
 */
export function withSettings(value: unknown, settings: RecipeSettings): unknown {
  const keys = Object.keys(settings);
  if (!isSection(value) || keys.length === 0) return value;
  const changed = structuredClone(value) as Section;
  const training = changed["training"];
  if (keys.includes("training.epochs") && isSection(training)) delete training["steps"];
  for (const [key, setting] of Object.entries(settings)) {
    const path = key.split(".");
    const last = path.pop() ?? "";
    const section = path.reduce((above, part) => sectionIn(above, part), changed);
    section[last] = setting;
  }
  return changed;
}

type Section = Record<string, unknown>;

/** The section of a name; replaces a missing section or a plain value by an empty section. */
function sectionIn(above: Section, name: string): Section {
  const found = Object.hasOwn(above, name) ? above[name] : undefined;
  if (isSection(found)) return found;
  const made: Section = {};
  above[name] = made;
  return made;
}

function isSection(value: unknown): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
