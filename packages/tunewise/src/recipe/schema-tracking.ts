/** @file Keys of `tracking`: tracking servers to which runs are logged live. */
import * as z from "zod";
import { anyText, mapping, open, shaped } from "./field.ts";

/** Tracking servers to which runs are logged live, in addition to the store. */
export interface TrackingSection {
  /** Address of an MLflow server, or `env` for `MLFLOW_TRACKING_URI`; `null`: none. */
  readonly mlflow: string | null;
  /** Address of a W&B server, or `env` for `WANDB_BASE_URL`; `null`: none. */
  readonly wandb: string | null;
  /** W&B entity; `null`: `WANDB_ENTITY` with `env`, else that of the key. */
  readonly entity: string | null;
  /** MLflow experiment and W&B project; `null`: `WANDB_PROJECT` with `env`, else the recipe's name. */
  readonly experiment: string | null;
}

const address = /^(env|https?:\/\/[^\s@]+)$/;

/** The `tracking` section. Recipes contain no passwords: credentials come from the environment. */
export const trackingSection: z.ZodType<TrackingSection> = z.strictObject(
  {
    mlflow: open(
      shaped(
        address,
        "the address of an MLflow server without a password, such as https://mlflow.example, or env",
      ),
      "MLflow server for live logging; env: from MLFLOW_TRACKING_URI. Default: none.",
    ),
    wandb: open(
      shaped(address, "the address of a W&B server without a password, such as https://api.wandb.ai, or env"),
      "W&B server for live logging; env: from WANDB_BASE_URL, otherwise W&B's cloud. The API key comes from WANDB_API_KEY. Default: none.",
    ),
    entity: open(
      anyText("a name"),
      "W&B entity. Default: WANDB_ENTITY with env, otherwise that of the API key.",
    ),
    experiment: open(
      anyText("a name"),
      "MLflow experiment and W&B project. Default: WANDB_PROJECT for W&B with env, otherwise the recipe's name.",
    ),
  },
  mapping,
);
