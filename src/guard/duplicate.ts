/**
 * @file The duplicate guard: how far apart two experiments are, by what determines their results.
 */

/** Settings by their path, such as `method.rank`, as text. */
export type Settings = Readonly<Record<string, string>>;

/** One setting in which two experiments differ; `null`: that one lacks it. */
export interface SettingApart {
  readonly setting: string;
  readonly before: string | null;
  readonly now: string | null;
}

/** An experiment that ran before, beside a new one. */
export type Kinship =
  | { readonly kind: "same" }
  /** The same but for the seed. */
  | { readonly kind: "seed" }
  /** One setting apart. */
  | { readonly kind: "near"; readonly apart: SettingApart }
  | { readonly kind: "other" };

/** What is only chance: two results that differ in it alone show noise. */
const chance: ReadonlySet<string> = new Set(["training.seed"]);

/** How a new experiment stands to an earlier one on the same data and model. */
export function judgeKinship(before: Settings, now: Settings): Kinship {
  const apart = settingsApart(before, now);
  const real = apart.filter(({ setting }) => !chance.has(setting));
  const [only] = real;
  if (!only) return { kind: apart.length === 0 ? "same" : "seed" };
  return apart.length === 1 ? { kind: "near", apart: only } : { kind: "other" };
}

/** Settings in which two experiments differ, by name. */
export function settingsApart(before: Settings, now: Settings): SettingApart[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names
    .filter((name) => before[name] !== now[name])
    .map((setting) => ({ setting, before: before[setting] ?? null, now: now[setting] ?? null }));
}
