/** @file The recipe between file and use: with fixed defaults, but `null` for values that depend on other keys. */
import type { SnakeKeys } from "./case.ts";
import type {
  DataSection,
  EvaluationSection,
  GuardsSection,
  KeepSection,
  MethodSection,
  Recipe,
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
    "name" | "model" | "data" | "task" | "method" | "training" | "keep" | "evaluation" | "guards"
  > {
  readonly name: string | null;
  readonly model: string | Recipe["model"];
  readonly data: Omit<DataSection, "split"> & {
    readonly split: Open<DataSection["split"], "validation" | "test">;
  };
  readonly task: Open<TaskSection, "metrics">;
  readonly method: Open<MethodSection, "alpha">;
  readonly training: Open<TrainingSection, "keep" | OpenSetting>;
  readonly keep: KeepSection["method"] | KeepDraft;
  readonly guards: "off" | "warn" | "stop" | GuardsDraft;
  readonly evaluation: Open<EvaluationSection, "maxNewTokens" | "decoding">;
}

/** Settings that depend on the model and the rows unless the file has them, see `deriveTraining`. */
export type OpenSetting = "epochs" | "learningRate";

/** `keep` as a section. */
export type KeepDraft = Omit<Open<KeepSection, "lambda">, "fisher"> & {
  readonly fisher: KeepSection["fisher"] | "auto";
};

/** `guards` as a section. */
export type GuardsDraft = Open<GuardsSection, "doomed">;

/** The draft with the file's key names. */
export type RecipeFile = SnakeKeys<RecipeDraft>;
