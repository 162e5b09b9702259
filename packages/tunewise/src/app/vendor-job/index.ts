/** @file `tunewise init --from`: fine-tuning jobs of a vendor, and their files at home. */

export { fetchJob, findJob, type JobAtHome, readJobAtHome } from "./fetch-job.ts";
export type { VendorJob } from "./job.ts";
export { openVendor, type VendorPlace } from "./open-vendor.ts";
export { describeOrigin, paidTraining, type RecipeOrigin } from "./origin.ts";
export type { VendorClient } from "./vendor-client.ts";
