/** @file Resolves an endpoint from its settings, and its key from the environment. */
import { setTimeout as pause } from "node:timers/promises";
import { type AskWorld, type Endpoint, type EndpointStyle, Secret } from "../../ask/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";

/** Settings of an endpoint. They name the environment variable of the key, never the key itself. */
export interface EndpointSettings {
  readonly url: string;
  readonly model: string;
  /** `null` if the endpoint needs no key. */
  readonly keyVariable: string | null;
  readonly style?: EndpointStyle;
  readonly apiVersion?: string;
  readonly timeoutSeconds?: number;
  readonly maxTries?: number;
  readonly concurrency?: number;
}

/** Defaults. The timeout includes time for reasoning before the first token. */
const defaults = { timeoutSeconds: 120, maxTries: 5, concurrency: 4 } as const;

/**
 * Resolves the endpoint and its key.
 *
 * @throws {TunewiseError} `ASK_KEY_MISSING`
 */
export function endpointFrom(settings: EndpointSettings, runtime: Pick<Runtime, "environment">): Endpoint {
  const { url, model, keyVariable, style = styleOf(url), apiVersion } = settings;
  const key = keyVariable === null ? null : keyIn(keyVariable, runtime.environment);
  return {
    url,
    model,
    key,
    style,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    timeoutSeconds: settings.timeoutSeconds ?? defaults.timeoutSeconds,
    maxTries: settings.maxTries ?? defaults.maxTries,
    concurrency: settings.concurrency ?? defaults.concurrency,
  };
}

/** Network, clock and randomness for requests. */
export function askWorld({ now, random }: Pick<Runtime, "now" | "random">): AskWorld {
  return {
    fetch: globalThis.fetch,
    random,
    now: () => now().getTime(),
    sleep: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
  };
}

/** Style of hosts that are known to support only one. */
function styleOf(url: string): EndpointStyle {
  const hostname = URL.canParse(url) ? new URL(url).hostname : "";
  if (hostname === "api.anthropic.com") return "anthropic";
  return hostname.endsWith(".openai.azure.com") ? "azure" : "openai";
}

function keyIn(name: string, environment: Runtime["environment"]): Secret {
  const value = environment[name]?.trim() ?? "";
  if (value !== "") return new Secret(value);
  // If a key was written in place of its variable's name, it must not appear in a log.
  const isName = /^[A-Z][A-Z_]{1,40}[A-Z0-9_]{0,10}$/.test(name);
  throw problem("ASK_KEY_MISSING", { name: isName ? name : "NAME_OF_A_VARIABLE" });
}
