/**
 * @file Kubernetes' own API server on loopback, with etcd and the controller manager, which deletes objects whose owner
 * is gone. `TUNEWISE_KUBE_APISERVER` names the first program, `TUNEWISE_ETCD` and `TUNEWISE_KUBE_CONTROLLER_MANAGER`
 * the others, `TUNEWISE_KUBERAY_CRDS` the folder of KubeRay's definitions.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import type { RunningServer } from "./api-stand-in.ts";
import { type ApiServer, askServer } from "./rest.ts";

/** Maximum start time of the server on a busy machine. */
const startMs = 120_000;
const kinds = ["rayjobs", "rayclusters"];

/** Starts the server with KubeRay's definitions. */
export async function startApiServer(folder: string): Promise<RunningServer> {
  const started: ChildProcess[] = [];
  try {
    const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
    const etcd = `http://127.0.0.1:${etcdPort}`;
    const peer = `http://127.0.0.1:${peerPort}`;
    const at = ["--listen-client-urls", etcd, "--advertise-client-urls", etcd, "--listen-peer-urls", peer];
    const data = ["--data-dir", join(folder, "etcd"), "--unsafe-no-fsync"];
    const isOld = ["--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`];
    started.push(start(folder, named("TUNEWISE_ETCD", "etcd"), [...at, ...isOld, ...data]));
    const token = randomBytes(16).toString("hex");
    const words = serverWords(folder, { etcd, port, token });
    started.push(start(folder, named("TUNEWISE_KUBE_APISERVER", "kube-apiserver"), words));
    const ca = await untilWritten(started, join(folder, "certificates", "apiserver.crt"));
    const access: ApiServer = { url: `https://127.0.0.1:${port}`, ca, token };
    await untilReady(started, access);
    await define(access);
    started.push(
      start(
        folder,
        named("TUNEWISE_KUBE_CONTROLLER_MANAGER", "kube-controller-manager"),
        managerWords(folder, access),
      ),
    );
    const { body } = await askServer(access, "GET", "/version");
    return { access, isReal: true, minor: Number.parseInt(body.minor, 10) || 0, end: () => endAll(started) };
  } catch (error) {
    await endAll(started);
    throw error;
  }
}

/** The program named by a variable. */
function named(variable: string, otherwise: string): string {
  return process.env[variable] ?? otherwise;
}

interface ServerPlace {
  readonly etcd: string;
  readonly port: number;
  readonly token: string;
}

/** Arguments of the server. Service accounts are disabled, because they need a controller that does not run. */
function serverWords(folder: string, { etcd, port, token }: ServerPlace): string[] {
  const [tokens, key] = [join(folder, "tokens.csv"), join(folder, "accounts.key")];
  writeFileSync(tokens, `${token},tester,tester,system:masters\n`, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  mkdirSync(join(folder, "certificates"));
  return [
    ...[`--etcd-servers=${etcd}`, "--bind-address=127.0.0.1", `--secure-port=${port}`],
    ...[
      `--cert-dir=${join(folder, "certificates")}`,
      `--token-auth-file=${tokens}`,
      "--anonymous-auth=false",
    ],
    ...["--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount"],
    ...["--service-account-issuer=https://kubernetes.default.svc", `--service-account-key-file=${key}`],
    `--service-account-signing-key-file=${key}`,
  ];
}

/** Arguments of the controller manager, limited to garbage collection. */
function managerWords(folder: string, { url, ca, token }: ApiServer): string[] {
  const kubeconfig = join(folder, "controllers");
  const authority = Buffer.from(ca ?? "").toString("base64");
  const configuration = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    clusters: [{ name: "c", cluster: { server: url, "certificate-authority-data": authority } }],
    users: [{ name: "c", user: { token } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(configuration), { mode: 0o600 });
  const own = [
    `--cert-dir=${join(folder, "controllers-tls")}`,
    "--bind-address=127.0.0.1",
    "--port=0",
    "--secure-port=0",
  ];
  return [`--kubeconfig=${kubeconfig}`, "--controllers=garbagecollector", "--leader-elect=false", ...own];
}

/** Starts a program with its output in a log file in the folder. */
function start(folder: string, program: string, words: readonly string[]): ChildProcess {
  const log = openSync(join(folder, `${program.split("/").at(-1)}.log`), "a");
  const child = spawn(program, words, { stdio: ["ignore", log, log], cwd: folder });
  closeSync(log);
  child.on("error", () => undefined);
  return child;
}

async function untilWritten(started: readonly ChildProcess[], path: string): Promise<string> {
  for (let waited = 0; waited < startMs; waited += 100) {
    requireAlive(started);
    try {
      const text = readFileSync(path, "utf8");
      if (text.includes("END CERTIFICATE")) return text;
    } catch {
      // the file does not exist yet
    }
    await sleep(100);
  }
  throw new Error(`there is no ${path}`);
}

function requireAlive(started: readonly ChildProcess[]): void {
  const ended = started.find(({ exitCode, pid }) => exitCode !== null || pid === undefined);
  if (ended !== undefined) throw new Error(`${ended.spawnfile} did not start, or ended: ${ended.exitCode}`);
}

async function untilReady(started: readonly ChildProcess[], access: ApiServer): Promise<void> {
  for (let waited = 0; waited < startMs; waited += 200) {
    requireAlive(started);
    const answer = await askServer(access, "GET", "/readyz").catch(() => null);
    if (answer?.text === "ok") return;
    await sleep(200);
  }
  throw new Error("the API server did not start");
}

/** Creates KubeRay's definitions and waits until they are served. */
async function define(access: ApiServer): Promise<void> {
  const folder = process.env["TUNEWISE_KUBERAY_CRDS"] ?? "";
  if (folder === "") throw new Error("TUNEWISE_KUBERAY_CRDS names no folder");
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  for (const kind of kinds) {
    const text = readFileSync(join(folder, `ray.io_${kind}.yaml`), "utf8");
    const definition: unknown = parse(text, (field, value) => (isTooNew(field, value) ? undefined : value));
    const answer = await askServer(access, "POST", path, definition);
    if (answer.status !== 201) throw new Error(`${kind}: ${answer.text.slice(0, 1000)}`);
  }
  for (const kind of kinds)
    for (let waited = 0; ; waited += 200) {
      const { status } = await askServer(access, "GET", `/apis/ray.io/v1/namespaces/default/${kind}`);
      if (status === 200) break;
      if (waited > startMs) throw new Error(`${kind} are not served`);
      await sleep(200);
    }
}

/** Whether server 1.20 refuses a field: it treats an empty default as missing, but requires one for keys of lists. */
function isTooNew(field: unknown, value: unknown): boolean {
  if (field === "x-kubernetes-list-map-keys" || (field === "x-kubernetes-list-type" && value === "map"))
    return true;
  return field === "default" && value === "";
}

async function endAll(started: readonly ChildProcess[]): Promise<void> {
  for (const child of started.toReversed()) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(late);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
