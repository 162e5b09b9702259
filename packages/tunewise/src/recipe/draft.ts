/** @file The recipe between file and use: with fixed defaults, but `null` for values that depend on other keys. */
import type { DataSection } from "./data-section.ts";
import type {
  EvaluationSection,
  GuardsSection,
  MethodSection,
  Recipe,
  RegularizationSection,
  RetrievalSection,
  TaskSection,
  TrainingSection,
} from "./recipe.ts";

/** `Section` with the named keys nullable: `null` leaves the choice to `completeRecipe`. */
type Open<Section, Key extends keyof Section> = Omit<Section, Key> & {
  readonly [Name in Key]: Section[Name] | null;
};

/** A validated recipe before dependent defaults. */
export interface RecipeDraft
  extends Omit<
    Recipe,
    | "name"
    | "model"
    | "data"
    | "task"
    | "method"
    | "training"
    | "regularization"
    | "evaluation"
    | "guards"
    | "retrieval"
  > {
  readonly name: string | null;
  readonly model: string | Recipe["model"];
  readonly data: Omit<DataSection, "split"> & {
    readonly split: Open<DataSection["split"], "validation" | "test">;
  };
  readonly task: Open<TaskSection, "metrics">;
  readonly method: Open<MethodSection, "alpha">;
  readonly training: Open<TrainingSection, "checkpointSelection" | OpenSetting>;
  readonly regularization: RegularizationSection["method"] | RegularizationDraft;
  readonly guards: "off" | "warn" | "stop" | GuardsDraft;
  readonly evaluation: Open<EvaluationSection, "maxNewTokens" | "decoding">;
  readonly retrieval: Open<RetrievalSection, "method">;
}

/** Settings that depend on the model and the rows unless the file has them, see `deriveTraining`. */
export type OpenSetting = "epochs" | "learningRate";

/** `regularization` as a section. */
export type RegularizationDraft = Omit<Open<RegularizationSection, "lambda">, "fisher"> & {
  readonly fisher: RegularizationSection["fisher"] | "auto";
};

/** `guards` as a section. */
export type GuardsDraft = Open<GuardsSection, "futility">;

/** The draft with the file's key names. */
export type RecipeFile = SnakeKeys<RecipeDraft>;

/** `learningRate` to `learning_rate`, at the type level. */
type SnakeName<Name extends string> = Name extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeName<Tail>}`
  : Name;

/** The same value with every key in snake_case. */
export type SnakeKeys<Value> = Value extends readonly (infer Item)[]
  ? readonly SnakeKeys<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value as SnakeName<Key & string>]: SnakeKeys<Value[Key]> }
    : Value;

/** Converts the keys of a validated file to camelCase; the inverse of `snakeKeys`. Values are unchanged. */
export function camelKeys<Value>(file: SnakeKeys<Value>): Value {
  return renameKeys(file, (key) =>
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  ) as Value;
}

/** Converts keys to the file's snake_case. */
export function snakeKeys<Value>(value: Value): SnakeKeys<Value> {
  return renameKeys(value, (key) =>
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ) as SnakeKeys<Value>;
}

/** Sections whose keys are module patterns or variables of a template, which are not converted. */
const verbatim = /^((rank|alpha)(_p|P)attern|chat(_t|T)emplate(_k|K)wargs)$/;

function renameKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    rename(key),
    verbatim.test(key) ? item : renameKeys(item, rename),
  ]);
  return Object.fromEntries(entries);
}
