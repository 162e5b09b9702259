/** @file Model architectures, devices, dated prices, and files of this package. */

export { describeModel } from "./describe-model.ts";
export { type Device, devices, findDevice } from "./devices/devices.ts";
export { knownConfig, knownModels } from "./known-models.ts";
export type { ModelDescription, Projection, ProjectionInput } from "./model.ts";
export { packageFile, packageProgram, packageVersion } from "./package-file.ts";
export { ageOf, dateText, findStalePrices } from "./prices/age.ts";
export * from "./prices/book.ts";
export { gpuhuntDate, readGpuhuntTable } from "./prices/lists/gpuhunt.ts";
export { readLlmPrices } from "./prices/lists/llm-prices.ts";
export { readSkypilotCatalog, type SkypilotCloud, skypilotClouds } from "./prices/lists/skypilot.ts";
export { readZipTexts } from "./prices/lists/zip.ts";
export { batchTermsOf, offersOfModel, parametersInName } from "./prices/offers-of-model.ts";
export { shippedPrices } from "./prices/snapshot/snapshot.ts";
export { priceRecords, storedText, trimPrices } from "./prices/stored.ts";
export {
  maxPriceFileLength,
  type PriceReading,
  readStoredPrices,
  readUserPrices,
  readUserTable,
} from "./prices/user-prices.ts";
export { shutdownOf } from "./shutdowns.ts";
