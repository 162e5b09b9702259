/**
 * @file What the engine can train.
 */
import type { FullAdapter } from "./full.ts";
import type { LoraAdapter } from "./lora.ts";

/** LoRA beside the base's weights, or weights in their place. */
export type TrainedAdapter = LoraAdapter | FullAdapter;
