/** @file Opens a vendor from its address and the variables of the environment that its clients read. */

import { setTimeout as pause } from "node:timers/promises";
import { checkEndpoint } from "../../ask/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { endpointFrom } from "../metered-client/index.ts";
import { type VendorClient, vendorClient } from "./vendor-client.ts";

/** A vendor's address and the variable of its key. */
export interface VendorPlace {
  readonly url: string;
  readonly keyVariable: string | null;
}

/**
 * Opens the client. The key is sent as a bearer token, which Azure's v1 API accepts as well.
 *
 * @throws {TunewiseError} `ASK_KEY_MISSING`, `ASK_KEY_UNUSABLE`, `ASK_ADDRESS_INVALID`
 * @source openai/openai-node src/client.ts: OPENAI_ORG_ID, OPENAI_PROJECT_ID and their headers
 */
export function openVendor({ url, keyVariable }: VendorPlace, runtime: Runtime): VendorClient {
  const endpoint = endpointFrom({ url, model: "", keyVariable, style: "openai" }, runtime);
  checkEndpoint(endpoint);
  if (endpoint.key === null) throw problem("ASK_KEY_MISSING", { name: "OPENAI_API_KEY" });
  const { environment, signal } = runtime;
  const named = (header: string, variable: string): Record<string, string> => {
    const value = environment[variable]?.trim() ?? "";
    return /^[\w.-]{1,200}$/.test(value) ? { [header]: value } : {};
  };
  return vendorClient({
    url,
    headers: {
      authorization: `Bearer ${endpoint.key.reveal()}`,
      ...named("openai-organization", "OPENAI_ORG_ID"),
      ...named("openai-project", "OPENAI_PROJECT_ID"),
    },
    fetch: globalThis.fetch,
    signal,
    sleep: (ms) => pause(ms, undefined, { signal }).catch(() => undefined),
  });
}
