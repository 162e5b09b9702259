/**
 * @file An endpoint as a person writes it down, with its key from the environment, and the world to ask in.
 */
import { setTimeout as pause } from "node:timers/promises";
import { type AskWorld, type Endpoint, type EndpointStyle, Secret } from "../../ask/index.ts";
import { problem } from "../../problem/index.ts";
import type { Host } from "../../runtime/index.ts";

/** What is written down: never a key, only the name of the variable that holds it. */
export interface EndpointSettings {
  readonly url: string;
  readonly model: string;
  /** `null`: the endpoint wants no key. */
  readonly keyVariable: string | null;
  readonly style?: EndpointStyle;
  readonly apiVersion?: string;
  readonly timeoutSeconds?: number;
  readonly triesMost?: number;
  readonly concurrency?: number;
}

/** Patience where nothing is said: long enough for a model that thinks before its first word. */
const defaults = { timeoutSeconds: 120, triesMost: 5, concurrency: 4 } as const;

/**
 * The endpoint, ready to be asked.
 *
 * @throws {TunewiseError} `ASK_KEY_MISSING`
 */
export function endpointFrom(settings: EndpointSettings, host: Pick<Host, "environment">): Endpoint {
  const { url, model, keyVariable, style = styleOf(url), apiVersion } = settings;
  const key = keyVariable === null ? null : keyIn(keyVariable, host.environment);
  return {
    ...{ url, model, key, style },
    ...(apiVersion === undefined ? {} : { apiVersion }),
    timeoutSeconds: settings.timeoutSeconds ?? defaults.timeoutSeconds,
    triesMost: settings.triesMost ?? defaults.triesMost,
    concurrency: settings.concurrency ?? defaults.concurrency,
  };
}

/** The world that askers need, from the one that use cases have. */
export function askWorld({ now, random }: Pick<Host, "now" | "random">): AskWorld {
  return {
    fetch: globalThis.fetch,
    random,
    now: () => now().getTime(),
    sleep: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
  };
}

/** Hosts that speak no other style. */
function styleOf(url: string): EndpointStyle {
  const hostname = URL.canParse(url) ? new URL(url).hostname : "";
  if (hostname === "api.anthropic.com") return "anthropic";
  return hostname.endsWith(".openai.azure.com") ? "azure" : "openai";
}

function keyIn(name: string, environment: Host["environment"]): Secret {
  const value = environment[name]?.trim() ?? "";
  if (value !== "") return new Secret(value);
  // Whoever writes the key where its name belongs must not read it in a log.
  const isName = /^[A-Z][A-Z_]{1,40}[A-Z0-9_]{0,10}$/.test(name);
  throw problem("ASK_KEY_MISSING", { name: isName ? name : "NAME_OF_A_VARIABLE" });
}
