/** @file The type of a run's details. */
import type { Reply } from "./api.ts";

/** Details of a run of any client. */
export type Details = Reply<"/api/tunewise/v1/runs/{id}/details", "get">;
