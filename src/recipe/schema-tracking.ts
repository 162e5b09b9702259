/**
 * @file The section `tracking`: where runs are logged to while they work, beside the record here.
 */
import * as z from "zod";
import { anyText, open, shaped } from "./field.ts";

/** Tracking servers that runs are logged to while they work, beside the store. */
export interface TrackingSection {
  /** Address of an MLflow server, or `env` for that of `MLFLOW_TRACKING_URI`; `null`: none is asked. */
  readonly mlflow: string | null;
  /** Address of a W&B server, or `env` for that of `WANDB_BASE_URL`; `null`: none is asked. */
  readonly wandb: string | null;
  /** Team or person of W&B's; `null`: that of `WANDB_ENTITY` with `env`, or of the key. */
  readonly entity: string | null;
  /** MLflow's experiment, W&B's project; `null`: that of `WANDB_PROJECT` with `env`, or the recipe's name. */
  readonly experiment: string | null;
}

const address = /^(env|https?:\/\/[^\s@]+)$/;

/** The section in a file. A password stands in no recipe: credentials come from the environment. */
export const trackingSection: z.ZodType<TrackingSection> = z.strictObject(
  {
    mlflow: open(
      shaped(
        address,
        "the address of an MLflow server without a password, such as https://mlflow.example, or env",
      ),
      "MLflow server that runs are logged to while they work; env: that of MLFLOW_TRACKING_URI. Default: none.",
    ),
    wandb: open(
      shaped(address, "the address of a W&B server without a password, such as https://api.wandb.ai, or env"),
      "W&B server that runs are logged to while they work; env: that of WANDB_BASE_URL, or W&B's own. The key comes from WANDB_API_KEY. Default: none.",
    ),
    entity: open(
      anyText("a name"),
      "Team or person that W&B keeps the run under. Default: WANDB_ENTITY with env, else that of the key.",
    ),
    experiment: open(
      anyText("a name"),
      "MLflow's experiment and W&B's project. Default: WANDB_PROJECT for W&B with env, else the recipe's name.",
    ),
  },
  { error: "a section with keys below it" },
);
