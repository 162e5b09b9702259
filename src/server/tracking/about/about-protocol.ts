/** @file What a server says about itself: the description of its routes, and its metrics. */

import { textFormat } from "../metrics/text-format.ts";
import { describeRoutes, undescribed } from "../openapi/describe.ts";
import { type Protocol, Refused, type Reply } from "../route.ts";

/**
 * The protocols, with one more that describes all of them, itself too.
 *
 * @param version of tunewise
 * @param metrics gives what was counted, in Prometheus's text format; `null` where nothing is counted
 * @throws where a route has no description: such a server must not start
 */
export function withAbout(
  protocols: readonly Protocol[],
  version: string,
  metrics: (() => Promise<string>) | null,
): Protocol[] {
  const all = [...protocols];
  const about: Protocol = {
    name: "server",
    refuse,
    docs: { about: "The server itself.", error: "error!" },
    routes: [
      {
        ...{ method: "GET", path: "/openapi.json", policy: "open", about: "nothing", bodyBytesMost: 0 },
        doc: { summary: "This description of all routes, in OpenAPI 3.1.", gives: { type: "object" } },
        handle: async () => ({ status: 200, body: describeRoutes(all, version) }),
      },
      {
        // What everybody spends is in it.
        ...{ method: "GET", path: "/metrics", policy: "admin", about: "nothing", bodyBytesMost: 0 },
        doc: {
          summary: "Counts and durations for Prometheus; with users it takes an admin's token.",
          gives: { type: "string" },
          type: "text/plain",
        },
        handle: async () => {
          if (metrics === null) throw new Refused(404, "no_metrics", "This server counts nothing.");
          return { status: 200, headers: { "content-type": textFormat }, body: await metrics() };
        },
      },
    ],
  };
  all.push(about);
  const missing = undescribed(all);
  if (missing.length > 0) throw new Error(`Internal: no description of ${missing.join(", ")}`);
  return all;
}

function refuse(error: unknown): Reply {
  if (error instanceof Refused) return { status: error.status, body: { error: error.message } };
  return { status: 500, body: { error: "The server failed to answer." } };
}
