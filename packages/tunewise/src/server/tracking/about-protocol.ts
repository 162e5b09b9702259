/** @file What a server reports about itself: the OpenAPI document of its routes, and its metrics. */
import { describeRoutes } from "../http/openapi.ts";
import { type Protocol, Refusal, type Reply } from "../http/route.ts";
import { textFormat } from "./metrics/text-format.ts";

/**
 * The protocols, with one more that describes all of them, itself too.
 *
 * @param version of tunewise
 * @param metrics returns what was counted, in Prometheus's text format; `null` if nothing is counted
 */
export function withAbout(
  protocols: readonly Protocol[],
  version: string,
  metrics: (() => Promise<string>) | null,
): Protocol[] {
  const base = { method: "GET", about: "nothing", maxBodyBytes: 0 } as const;
  const all = [...protocols];
  all.push({
    ...{ name: "server", about: "The server itself.", error: "error!", refuse },
    invalid: ({ message }) => new Refusal(400, "invalid", message),
    routes: [
      {
        ...{ ...base, path: "/openapi.json", policy: "open" },
        ...{ summary: "This description of all routes, in OpenAPI 3.1.", gives: { type: "object" } },
        handle: async () => ({ status: 200, body: describeRoutes(all, version) }),
      },
      {
        // What everybody spends is in it.
        ...{ ...base, path: "/metrics", policy: "admin" },
        summary: "Counts and durations for Prometheus; with users it takes an admin's token.",
        ...{ gives: { type: "string" }, type: "text/plain" },
        handle: async () => {
          if (metrics === null) throw new Refusal(404, "no_metrics", "This server counts nothing.");
          return { status: 200, headers: { "content-type": textFormat }, body: await metrics() };
        },
      },
    ],
  });
  return all;
}

function refuse(error: unknown): Reply {
  if (error instanceof Refusal) return { status: error.status, body: { error: error.message } };
  return { status: 500, body: { error: "The server failed to answer." } };
}
