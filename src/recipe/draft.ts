/**
 * @file The recipe between file and use: fixed defaults are in, what depends on other keys is still `null`.
 */
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

/** A checked recipe whose dependent defaults are not chosen yet. */
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

/** Settings that wait for the model and the rows where the file leaves them out: see `deriveTraining`. */
export type OpenSetting = "epochs" | "learningRate";

/** The section written out. */
export type KeepDraft = Omit<Open<KeepSection, "lambda">, "fisher"> & {
  readonly fisher: KeepSection["fisher"] | "auto";
};

/** The section written out. */
export type GuardsDraft = Open<GuardsSection, "doomed">;

/** The draft with the file's own key names. */
export type RecipeFile = SnakeKeys<RecipeDraft>;
