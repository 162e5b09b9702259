/** @file Servers of models: which address a name stands for, and the probe that suits it. */
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type EndpointAddress, endpointClient } from "./endpoint-client.ts";
import type { EndpointJob } from "./endpoint-job.ts";
import { probeOllama } from "./ollama-endpoint.ts";
import { probeOpenAi } from "./openai-endpoint.ts";
import type { ProbeReply } from "./probe.ts";
import { localRuntimes } from "./program.ts";

/**
 * The server that a name stands for: `ollama` (at `OLLAMA_HOST`), `vllm`, or an address.
 *
 * @param keyVariable environment variable with its API key; `null` without one
 * @throws {TunewiseError} `VERIFY_RUNTIME_UNKNOWN`, `ASK_KEY_MISSING`
 */
export function endpointOf(
  name: string,
  keyVariable: string | null,
  environment: Runtime["environment"],
): EndpointAddress {
  const key = keyVariable === null ? null : (environment[keyVariable] ?? "");
  if (key === "") throw problem("ASK_KEY_MISSING", { name: keyVariable ?? "" });
  if (name === "ollama") {
    const host = environment["OLLAMA_HOST"] || "127.0.0.1:11434";
    const url = rootOf(/^https?:/.test(host) ? host : `http://${host}`);
    const start = "curl -fsSL https://ollama.com/install.sh | sh && ollama serve";
    return { name, url, start, key };
  }
  if (name === "vllm") {
    const start = "pip install vllm && vllm serve PATH_OF_THE_EXPORT";
    return { name, url: "http://127.0.0.1:8000", start, key };
  }
  if (/^https?:\/\//.test(name) && URL.canParse(name)) {
    const url = rootOf(name);
    return {
      name: "the server",
      url,
      start: `start the server, and check its address: curl ${url}/v1/models`,
      key,
    };
  }
  const known = [...localRuntimes, "ollama", "vllm", "http://HOST:PORT/v1"].join(", ");
  throw problem("VERIFY_RUNTIME_UNKNOWN", { runtime: name, known });
}

/** The address without `/v1` and without a slash at the end. */
function rootOf(address: string): string {
  return address.replace(/\/+$/, "").replace(/\/v1$/, "");
}

/**
 * Runs a job at a server.
 *
 * @throws {TunewiseError} `VERIFY_SERVER_UNREACHABLE`, `VERIFY_MODEL_UNKNOWN`, `VERIFY_RUNTIME_FAILED`
 */
export function probeEndpoint(
  address: EndpointAddress,
  job: EndpointJob,
  signal: AbortSignal,
  ask: typeof fetch = globalThis.fetch,
): Promise<ProbeReply> {
  const client = endpointClient(address, ask, signal);
  return address.name === "ollama" ? probeOllama(client, job) : probeOpenAi(client, job);
}
