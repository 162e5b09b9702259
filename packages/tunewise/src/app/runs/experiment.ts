/** @file Identifies an experiment by the settings that determine its result. */
import { createHash } from "node:crypto";
import type { Settings } from "../../guard/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";

/** An experiment. Repeating it gives the same result except for rounding. */
export interface Experiment {
  /** SHA-256 of model, data, settings and seed. */
  readonly fingerprint: string;
  /** SHA-256 of the same without the seed. */
  readonly family: string;
  readonly settings: Settings;
}

/**
 * Sections that affect the location, budget or speed of a run, but not its result. The compiler checks their names.
 */
const volatileSections: ReadonlySet<string> = new Set<keyof Recipe>([
  "name",
  "output",
  "budget",
  "machine",
  "guards",
  "plan",
  "checks",
  "comparison",
  "retrieval",
  "decision",
  "search",
  "tracking",
]);
/** Such settings of other sections, by path. Data and models are identified by content. */
export const volatileSettings: readonly string[] = [
  "model.source",
  "model.revision",
  "data.train",
  "data.mix",
  "data.validation",
  "data.test",
  "data.bad_rows",
  "data.group",
  "data.time",
  "data.split.by",
  "training.optimizer_state",
  "training.gradient_checkpointing",
  "evaluation.batch_size",
];

/**
 * Values that equal the behavior before the key existed. They are omitted, so that earlier runs keep their
 * fingerprints.
 */
const earlierDefaults: Readonly<Record<string, unknown>> = {
  "data.train_on": "last",
  "evaluation.decoding": "free",
  "training.precision": "auto",
};

const seed = "training.seed";
const trainOn = "data.train_on";

/** Identifies the experiment of a prepared recipe. */
export function experimentOf(
  prepared: Pick<Prepared, "model" | "dataFingerprint" | "examples">,
  configuration: string,
  version: string,
): Experiment {
  const { model, dataFingerprint } = prepared;
  const settings = decisiveSettings(prepared, configuration);
  const { [seed]: ownSeed = "", ...rest } = settings;
  const basis = { model: model.revision, data: dataFingerprint, settings: rest, version: majorOf(version) };
  const family = sha256(JSON.stringify(basis));
  return { fingerprint: sha256(`${family} ${ownSeed}`), family, settings };
}

/**
 * Settings of an effective configuration that affect the result on these rows. `train_on` is included only if some row
 * has several answers.
 */
export function decisiveSettings({ examples }: Pick<Prepared, "examples">, configuration: string): Settings {
  const settings = Object.entries(settingsOf(configuration));
  const isChoice = [...examples.train, ...examples.validation].some(
    ({ messages }) => messages.filter(({ role }) => role === "assistant").length > 1,
  );
  return Object.fromEntries(settings.filter(([path]) => isChoice || path !== trainOn));
}

/** Settings of an effective configuration by path, sorted, without volatile ones. */
export function settingsOf(configuration: string): Settings {
  const settings: Record<string, string> = {};
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, item] of Object.entries(value)) walk(item, path === "" ? key : `${path}.${key}`);
    } else if (!isVolatile(path) && earlierDefaults[path] !== value) {
      settings[path] = JSON.stringify(value);
    }
  };
  walk(JSON.parse(configuration), "");
  return Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isVolatile(path: string): boolean {
  return volatileSections.has(path.split(".")[0] ?? "") || volatileSettings.includes(path);
}

/**
 * The part of the version that identifies training behavior: releases with the same major and minor version train
 * identically.
 */
function majorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
