/** @file Named limits of all readers in this folder, each far above the needs of published models. */

/** Safetensors header, as in the reference implementation. @source huggingface/safetensors safetensors/src/tensor.rs */
export const maximumSafetensorsHeaderBytes: number = 100_000_000;

/** `config.json` and other small JSON files; the largest published ones have about 100 kB. */
export const maximumConfigBytes: number = 8 * 2 ** 20;

/** `tokenizer.json` and a shard index: 256,000 tokens with merges take about 35 MB. */
export const maximumTokenizerBytes: number = 256 * 2 ** 20;

/** Axes of a stored tensor; GGUF itself allows 4. */
export const maximumAxes: number = 8;

/** Everything before the tensor data of a GGUF file: vocabularies of 256,000 tokens take about 15 MB. */
export const maximumGgufHeaderBytes: number = 512 * 2 ** 20;

/** Metadata entries of a GGUF file; published ones have fewer than 100. */
export const maximumGgufEntries: number = 65_536;

/** Tensors of a GGUF file; a model of 126 layers has about 1,200. */
export const maximumGgufTensors: number = 100_000;

/** Bytes of a metadata key, as in the format's specification. */
export const maximumGgufKeyBytes: number = 65_535;

/** Bytes of a tensor's name; llama.cpp allows 64. */
export const maximumGgufNameBytes: number = 256;

/** Bytes of one metadata string; chat templates reach about 20 kB. */
export const maximumGgufStringBytes: number = 16 * 2 ** 20;

/** Elements of one metadata array; merges of large vocabularies reach about 500,000. */
export const maximumGgufArrayElements: number = 4_194_304;

/** Nesting depth of arrays. */
export const maximumGgufArrayDepth: number = 4;

/** Files of a hub repository that are considered. */
export const maximumHubFiles: number = 20_000;

/** Bytes of a response of the hub's API. */
export const maximumHubAnswerBytes: number = 64 * 2 ** 20;

/** Entries of a wheel's central directory. */
export const maximumArchiveEntries: number = 10_000;
