/** @file Jobs on a Ray dashboard, as KubeRay's operator manages them. */
import { askServer } from "./rest.ts";

/** A dashboard of a real Ray cluster. */
export interface RayDashboard {
  /** Such as `http://127.0.0.1:8265`. */
  readonly url: string;
  readonly token: string;
}

/** The state of a job. */
export interface RayJobInfo {
  readonly status: "PENDING" | "RUNNING" | "STOPPED" | "SUCCEEDED" | "FAILED";
  readonly message: string;
}

/** Returns the state of a job; `null`: the dashboard does not know it. */
export async function jobInfo(dashboard: RayDashboard, id: string): Promise<RayJobInfo | null> {
  const { status, body, text } = await ask(dashboard, "GET", `/api/jobs/${id}`);
  if (status === 404) return null;
  if (status !== 200) throw new Error(text.slice(0, 300));
  return body;
}

/** Submits a job under its given ID. */
export async function submitJob(
  dashboard: RayDashboard,
  job: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { status, text } = await ask(dashboard, "POST", "/api/jobs/", job);
  if (status !== 200) throw new Error(`SubmitJob fail: ${text.slice(0, 300)}`);
}

/** Asks the dashboard to stop a job. */
export async function stopJob(dashboard: RayDashboard, id: string): Promise<void> {
  await ask(dashboard, "POST", `/api/jobs/${id}/stop`);
}

/** Removes an ended job from the dashboard. */
export async function forgetJob(dashboard: RayDashboard, id: string): Promise<void> {
  await ask(dashboard, "DELETE", `/api/jobs/${id}`);
}

function ask(
  { url, token }: RayDashboard,
  method: string,
  path: string,
  body?: unknown,
): ReturnType<typeof askServer> {
  return askServer({ url, ca: null, token }, method, path, body);
}
