/** @file What is known of a run. */
import type { Reply } from "./api.ts";

/** Details of a run of any client. */
export type Details = Reply<"/api/tunewise/v1/runs/{id}/details", "get">;
