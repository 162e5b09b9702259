/** @file Model architectures, devices, dated prices. */
export { checkParameterCount, type DescribedModel, describeModel } from "./describe-model.ts";
export { type Device, devices, type FoundDevice, findDevice } from "./devices/devices.ts";
export type { DeviceLink } from "./devices/table.ts";
export type { ModelDescription, ModelShape, ParameterCounts, Projection } from "./model.ts";
export { ageOf, freshDays, isStale } from "./prices/age.ts";
export * from "./prices/book.ts";
export { shippedPrices } from "./prices/snapshot/snapshot.ts";
