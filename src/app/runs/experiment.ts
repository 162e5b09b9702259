/**
 * @file What determines the result of a run, as settings and as fingerprints.
 */
import { createHash } from "node:crypto";
import type { Settings } from "../../guard/index.ts";
import type { Prepared } from "../../prepare/index.ts";

/** An experiment: whoever runs it again gets the same result, up to the machine's rounding. */
export interface Experiment {
  /** SHA-256 of model, data, settings and seed. */
  readonly fingerprint: string;
  /** The same without the seed. */
  readonly family: string;
  readonly settings: Settings;
}

/**
 * Settings that decide where a run lies, what it may cost and how quickly it goes, and not what comes out. Files of
 * data are known by their content and models by their weights, whatever they are called.
 */
const volatile: readonly RegExp[] = [
  /^(name|output|budget|machine|guards|plan|checks|arms|retrieval|decision|search|tracking)(\.|$)/,
  /^model\.(source|revision)$/,
  /^data\.(train|validation|test|bad_rows|group|time|split\.by)$/,
  /^training\.(optimizer_state|recompute)$/,
  /^evaluation\.batch_size$/,
];

/** What was done before a key was there is left out, so that runs of then are still known. */
const earlierDefaults: Readonly<Record<string, unknown>> = { "evaluation.decoding": "free" };

const seed = "training.seed";

/** The experiment of a recipe whose model and rows are at hand. */
export function experimentOf(
  { model, dataFingerprint }: Pick<Prepared, "model" | "dataFingerprint">,
  configuration: string,
  version: string,
): Experiment {
  const settings = settingsOf(configuration);
  const { [seed]: ownSeed = "", ...rest } = settings;
  const basis = { model: model.revision, data: dataFingerprint, settings: rest, version: majorOf(version) };
  const family = sha256(JSON.stringify(basis));
  return { fingerprint: sha256(`${family} ${ownSeed}`), family, settings };
}

/** Settings of an effective configuration by their paths, in order of name, without the volatile ones. */
export function settingsOf(configuration: string): Settings {
  const settings: Record<string, string> = {};
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, item] of Object.entries(value)) walk(item, path === "" ? key : `${path}.${key}`);
    } else if (!volatile.some((pattern) => pattern.test(path)) && earlierDefaults[path] !== value) {
      settings[path] = JSON.stringify(value);
    }
  };
  walk(JSON.parse(configuration), "");
  return Object.fromEntries(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Releases that keep the first two numbers train alike. */
function majorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
