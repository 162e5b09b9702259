/**
 * @file A Kubernetes API server for tests, with a simulated operator and kubelet in place of KubeRay and the nodes. The
 * server is Kubernetes' own if `TUNEWISE_KUBE_APISERVER` names it, and a simulated one otherwise.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStandIn } from "./api-stand-in.ts";
import { makeCertificate } from "./certificate.ts";
import type { RayDashboard } from "./dashboard.ts";
import type { KubeFaults } from "./faults.ts";
import { startFront } from "./front.ts";
import { type KubeletOptions, startKubelet } from "./kubelet.ts";
import { type OperatorOptions, startOperator } from "./operator.ts";
import { type ApiServer, askServer, type KubeAnswer, type RequestHeaders } from "./rest.ts";
import { startApiServer } from "./start-api-server.ts";

/** Options of a test cluster. */
export interface KubeOptions {
  /** Faults between `kubectl` and the server; the operator, the kubelet and `request` are not affected. */
  readonly faults?: KubeFaults;
  /** Dashboard of the real Ray cluster that represents everything KubeRay creates. Without it no job is submitted. */
  readonly dashboard?: RayDashboard;
  /** KubeRay's operator. Without it created objects stay unprocessed, as in a cluster whose operator is down. */
  readonly operator?: OperatorOptions;
  /** Nodes that run pods. */
  readonly kubelet?: KubeletOptions;
  /** `stand-in` forces the simulated server even if the real one is available. */
  readonly server?: "stand-in" | "real";
}

/** A test cluster. */
export interface Kube {
  /** Path of a kubectl configuration with one context. */
  readonly kubeconfig: string;
  readonly context: string;
  /** An existing, empty namespace. */
  readonly namespace: string;
  /** Whether it is Kubernetes' own API server. */
  readonly isReal: boolean;
  /** Minor version that the server behaves like, such as 20. */
  readonly minor: number;
  /** Sends a request directly to the server, without kubectl and without faults. */
  request(method: string, path: string, body?: unknown, headers?: RequestHeaders): Promise<KubeAnswer>;
  /** Ends the operator as a crash does; its objects stay. */
  stopOperator(): Promise<void>;
  stop(): Promise<void>;
}

const [context, namespace] = ["tunewise-test", "tests"];

const hasRealServer = (process.env["TUNEWISE_KUBE_APISERVER"] ?? "") !== "";

/** The available servers, for tests that must pass on each. */
export const servers: readonly { readonly server: "stand-in" | "real" }[] = [
  { server: "stand-in" },
  ...(hasRealServer ? [{ server: "real" } as const] : []),
];

/** Starts a cluster. */
export async function startKube(options: KubeOptions = {}): Promise<Kube> {
  const { faults, dashboard = null, operator, kubelet } = options;
  const kind = options.server ?? (hasRealServer ? "real" : "stand-in");
  const folder = mkdtempSync(join(tmpdir(), "tw-kube-"));
  const kept: { end(): unknown }[] = [];
  try {
    const server = kind === "real" ? await startApiServer(folder) : await startStandIn();
    kept.push(server);
    const front =
      server.isReal && faults === undefined
        ? server
        : await startFront(server, makeCertificate(folder), faults);
    if (front !== server) kept.push(front);
    const kubeconfig = writeConfiguration(folder, front.access);
    await createNamespace(server.access);
    if (kubelet !== undefined) kept.push(await startKubelet(server, namespace, dashboard, kubelet));
    const running = operator && (await startOperator(server, namespace, dashboard, operator));
    if (running !== undefined) kept.push(running);
    return {
      kubeconfig,
      context,
      namespace,
      isReal: server.isReal,
      minor: server.minor,
      request: (method, path, body, headers) => askServer(server.access, method, path, body, headers),
      stopOperator: async () => running?.end(),
      stop: () => stopAll(kept, folder),
    };
  } catch (error) {
    await stopAll(kept, folder);
    throw error;
  }
}

async function createNamespace(server: ApiServer): Promise<void> {
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  const { status, text } = await askServer(server, "POST", "/api/v1/namespaces", body);
  if (status !== 201) throw new Error(`no namespace: ${text}`);
}

/** Writes the kubectl configuration. JSON is valid YAML. */
function writeConfiguration(folder: string, { url, ca, token }: ApiServer): string {
  const path = join(folder, "kubeconfig");
  const authority = ca === null ? {} : { "certificate-authority-data": Buffer.from(ca).toString("base64") };
  const configuration = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    clusters: [{ name: "cluster", cluster: { server: url, ...authority } }],
    users: [{ name: "tester", user: { token } }],
    contexts: [{ name: context, context: { cluster: "cluster", user: "tester", namespace } }],
  };
  writeFileSync(path, JSON.stringify(configuration), { mode: 0o600 });
  return path;
}

async function stopAll(kept: readonly { end(): unknown }[], folder: string): Promise<void> {
  for (const one of kept.toReversed()) await one.end();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
