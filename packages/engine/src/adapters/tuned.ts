/** @file The kinds of adapters that the engine trains. */
import type { FullAdapter } from "./full.ts";
import type { LoraAdapter } from "./lora.ts";

/** LoRA weights beside the base's, or full weights in their place. */
export type TrainedAdapter = LoraAdapter | FullAdapter;
