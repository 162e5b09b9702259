/**
 * @file The section `tracking`: where runs are logged to while they work, beside the record here.
 */
import * as z from "zod";
import { anyText, open, shaped } from "./field.ts";

/** A tracking server that runs are logged to while they work, beside the store. */
export interface TrackingSection {
  /** Address of an MLflow server, or `env` for that of `MLFLOW_TRACKING_URI`; `null`: none is asked. */
  readonly mlflow: string | null;
  /** Experiment there; `null`: the recipe's name. */
  readonly experiment: string | null;
}

/** The section in a file. A password stands in no recipe: credentials come from the environment. */
export const trackingSection: z.ZodType<TrackingSection> = z.strictObject(
  {
    mlflow: open(
      shaped(
        /^(env|https?:\/\/[^\s@]+)$/,
        "the address of an MLflow server without a password, such as https://mlflow.example, or env",
      ),
      "MLflow server that runs are logged to while they work; env: that of MLFLOW_TRACKING_URI. Default: none.",
    ),
    experiment: open(anyText("a name"), "Experiment there. Default: the recipe's name."),
  },
  { error: "a section with keys below it" },
);
