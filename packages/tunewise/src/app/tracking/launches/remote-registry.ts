/** @file Launch registry on a tunewise server. */

import type { AcceptedLaunch, LaunchRegistry, LaunchReport, LaunchRequest } from "@tunewise/tracker";
import { problem } from "../../../problem/index.ts";

/** Timeout of a request. */
const timeoutMs = 30_000;

/**
 * Creates a launch registry on a server.
 *
 * @param url URL of the server as given by the user
 * @param apiKey the user's API key on the server; `null` if it needs none
 * @throws {TunewiseError} `TRACKER_UNREACHABLE`, from each method
 */
export function remoteLaunchRegistry(url: string, apiKey: string | null): LaunchRegistry {
  const post = async (path: string, body: object): Promise<unknown> => {
    const address = `${url.replace(/\/+$/, "")}/api/tunewise/v1/${path}`;
    const headers = {
      "content-type": "application/json",
      ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
    };
    const signal = AbortSignal.timeout(timeoutMs);
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(address, { method: "POST", headers, body: JSON.stringify(body), signal });
      answer = await response.json();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw problem("TRACKER_UNREACHABLE", { url, reason }, { cause });
    }
    if (response.ok) return answer;
    if (response.status === 404 && codeOf(answer) === "RUN_NOT_FOUND") return {};
    throw refusalOf(url, response.status, answer);
  };
  return {
    begin: async (request) => {
      const { similar, warning, launched_by } = fieldsOf(await post("launches", wireOf(request)));
      return {
        similar: textOrNull(similar),
        warning: textOrNull(warning),
        launchedBy: textOrNull(launched_by),
      } satisfies AcceptedLaunch;
    },
    report: async (id, report: LaunchReport) => {
      const { microUsd, meteredMs, ended, stoppedBy = null } = report;
      const body = { micro_usd: microUsd, metered_ms: meteredMs, ended, stopped_by: stoppedBy };
      return textOrNull(fieldsOf(await post(`launches/${encodeURIComponent(id)}/readings`, body))["stop"]);
    },
    close: async () => undefined,
  };
}

function wireOf({ price, capMicroUsd, forced, ...rest }: LaunchRequest): object {
  return {
    ...rest,
    force: forced,
    price_micro_usd_per_hour: price.microUsdPerHour,
    price_source: price.source,
    cap_micro_usd: capMicroUsd,
  };
}

function codeOf(answer: unknown): unknown {
  return fieldsOf(fieldsOf(answer)["error"])["code"];
}

/** Converts a refusal by the server to a problem. */
function refusalOf(url: string, status: number, answer: unknown): Error {
  const { code, about, message } = fieldsOf(fieldsOf(answer)["error"]);
  const facts = Object.fromEntries(
    Object.entries(fieldsOf(about)).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
  if (code === "RUN_DUPLICATE") {
    const { id = "?", date = "?", result = "?", price = "?" } = facts;
    return problem("RUN_DUPLICATE", { id, date, result, price });
  }
  if (code === "SHARED_BUDGET_SPENT")
    return problem("SHARED_BUDGET_SPENT", { sentence: facts["sentence"] ?? "?" });
  return problem("TRACKER_REFUSED", { url, status, message: textOrNull(message) ?? "no reason given" });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
