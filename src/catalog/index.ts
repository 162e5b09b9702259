/** @file Model architectures, devices, dated prices, and the files that come along. */
export { checkParameterCount, type DescribedModel, describeModel } from "./describe-model.ts";
export { type Device, devices, type FoundDevice, findDevice } from "./devices/devices.ts";
export type { DeviceLink } from "./devices/table.ts";
export { knownConfig, knownModels } from "./known-models.ts";
export type { ModelDescription, ModelShape, ParameterCounts, Projection, ProjectionInput } from "./model.ts";
export { packageFile, packageProgram } from "./package-file.ts";
export { ageOf, dateText, findStalePrices, isStale, staleAfterDays } from "./prices/age.ts";
export * from "./prices/book.ts";
export { gpuhuntDate, readGpuhuntTable } from "./prices/lists/gpuhunt.ts";
export type { MachineList } from "./prices/lists/list.ts";
export { type InferenceList, readLlmPrices } from "./prices/lists/llm-prices.ts";
export { readSkypilotCatalog, type SkypilotCloud, skypilotClouds } from "./prices/lists/skypilot.ts";
export { readZipTexts } from "./prices/lists/zip.ts";
export { shippedPrices } from "./prices/snapshot/snapshot.ts";
export { type PriceRecords, priceRecords, storedText, trimPrices } from "./prices/stored.ts";
export {
  maxPriceFileLength,
  type ParsedPriceFile,
  type PriceReading,
  readStoredPrices,
  readUserPrices,
  readUserTable,
} from "./prices/user-prices.ts";
