/** @file Jobs of a Ray dashboard, as KubeRay's operator asks for them. */
import { askServer } from "./rest.ts";

/** A dashboard of a real Ray cluster. */
export interface RayDashboard {
  /** Such as `http://127.0.0.1:8265`. */
  readonly url: string;
  readonly token: string;
}

/** What a dashboard says of a job. */
export interface RayJobInfo {
  readonly status: "PENDING" | "RUNNING" | "STOPPED" | "SUCCEEDED" | "FAILED";
  readonly message: string;
}

/** `null`: it knows no such job. */
export async function jobInfo(dashboard: RayDashboard, id: string): Promise<RayJobInfo | null> {
  const { status, body, text } = await ask(dashboard, "GET", `/api/jobs/${id}`);
  if (status === 404) return null;
  if (status !== 200) throw new Error(text.slice(0, 300));
  return body;
}

/** Submits a job under an id of its own. */
export async function submitJob(
  dashboard: RayDashboard,
  job: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { status, text } = await ask(dashboard, "POST", "/api/jobs/", job);
  if (status !== 200) throw new Error(`SubmitJob fail: ${text.slice(0, 300)}`);
}

/** Asks for a job's end. */
export async function stopJob(dashboard: RayDashboard, id: string): Promise<void> {
  await ask(dashboard, "POST", `/api/jobs/${id}/stop`);
}

/** Removes a job that has ended from what the dashboard knows. */
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
