/** @file Model architectures, devices, dated prices. */
export { checkParameterCount, type DescribedModel, describeModel } from "./describe-model.ts";
export type { ModelDescription, ModelShape, ParameterCounts, Projection, ProjectionInput } from "./model.ts";
