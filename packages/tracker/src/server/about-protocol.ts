/** @file Routes about the server itself: the OpenAPI document and its metrics. */
import { describeRoutes, HttpError, type Protocol, type Reply } from "../http/index.ts";
import { textFormat } from "./metrics/text-format.ts";

/**
 * Adds a protocol that describes all protocols, including itself.
 *
 * @param version of tunewise
 * @param metrics returns the metrics in Prometheus's text format; `null` if there are none
 */
export function withAbout(
  protocols: readonly Protocol[],
  version: string,
  metrics: (() => Promise<string>) | null,
): Protocol[] {
  const base = { method: "GET", about: "nothing", maxBodyBytes: 0 } as const;
  const all = [...protocols];
  all.push({
    name: "server",
    about: "OpenAPI document and metrics of the server.",
    error: "error!",
    refuse,
    invalid: ({ message }) => new HttpError(400, "invalid", message),
    routes: [
      {
        ...base,
        path: "/openapi.json",
        policy: "open",
        summary: "Get this OpenAPI 3.1 document of all routes.",
        gives: { type: "object" },
        handle: async () => ({ status: 200, body: describeRoutes(all, version) }),
      },
      {
        // restricted to admins, since it includes the spend of all projects
        ...base,
        path: "/metrics",
        policy: "admin",
        summary:
          "Get counters and durations in the Prometheus text format. Requires an admin's token if the server has users.",
        gives: { type: "string" },
        type: "text/plain",
        handle: async () => {
          if (metrics === null) throw new HttpError(404, "no_metrics", "This server counts nothing.");
          return { status: 200, headers: { "content-type": textFormat }, body: await metrics() };
        },
      },
    ],
  });
  return all;
}

function refuse(error: unknown): Reply {
  if (error instanceof HttpError) return { status: error.status, body: { error: error.message } };
  return { status: 500, body: { error: "The server failed to answer." } };
}
