/** @file The duplicate guard: compares two experiments by the settings that determine their results. */

/** Settings as text, by path such as `method.rank`. */
export type Settings = Readonly<Record<string, string>>;

/** A setting that differs between two experiments; `null` if one of them lacks it. */
export interface SettingDifference {
  readonly setting: string;
  readonly before: string | null;
  readonly now: string | null;
}

/** Relation of a new experiment to an earlier one. */
export type Similarity =
  | { readonly kind: "same" }
  /** Differs only in the seed. */
  | { readonly kind: "seed" }
  /** Differs in one setting. */
  | { readonly kind: "near"; readonly apart: SettingDifference }
  | { readonly kind: "other" };

/** Settings that only change random numbers. Results that differ only in them differ by noise. */
const randomSettings: ReadonlySet<string> = new Set(["training.seed"]);

/** Compares a new experiment with an earlier one on the same data and model. */
export function compareSettings(before: Settings, now: Settings): Similarity {
  const apart = settingDifferences(before, now);
  const real = apart.filter(({ setting }) => !randomSettings.has(setting));
  const [only] = real;
  if (!only) return { kind: apart.length === 0 ? "same" : "seed" };
  return apart.length === 1 ? { kind: "near", apart: only } : { kind: "other" };
}

/** Settings that differ between two experiments, by name. */
export function settingDifferences(before: Settings, now: Settings): SettingDifference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names
    .filter((name) => before[name] !== now[name])
    .map((setting) => ({ setting, before: before[setting] ?? null, now: now[setting] ?? null }));
}
