/**
 * @file Client of a Ray cluster's dashboard: Jobs REST API, nodes and logs. Ray 2.60, API version 4.
 *
 * Does not use `fetch`: its requests look like a browser's, which Ray does not allow to upload.
 */
import {
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from "node:http";
import { request as requestHttps } from "node:https";
import { homedir } from "node:os";
import { join } from "node:path";
import { readTextFile } from "@tunewise/core/untrusted";
import { z } from "zod";
import { problem } from "../../problem/index.ts";
import {
  isRayKubernetesAddress,
  KubernetesClient,
  parseRayClusterAddress,
  proxySocket,
  type RayClusterAddress,
} from "../../provision/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { parseMessage } from "../process/protocol.ts";

/** Maximum bytes of a response. Responses are small, since logs are streamed. */
const maxAnswerBytes = 32 << 20;
/** Time limits of a request without and with a body. */
const [answerMs, uploadMs] = [30_000, 120_000];
const maxTokenBytes = 4096;

const form: RegExp =
  /^ray\+(https?):\/\/((?:[A-Za-z0-9][A-Za-z0-9._-]{0,252}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?)(\/[\w./-]*)?$/;

const versionSchema = z.object({ version: z.string(), ray_version: z.string() });
const modeSchema = z.object({ authentication_mode: z.string() });
const jobSchema: z.ZodType<RayJob> = z.object({
  submission_id: z.string().nullable(),
  status: z.string(),
  message: z.string().nullish(),
  driver_node_id: z.string().nullish(),
  error_type: z.string().nullish(),
});
/** Response of an API server that denies access. @source Kubernetes API, meta/v1 Status */
const forbiddenSchema = z.object({ kind: z.literal("Status"), message: z.string() });
const secretSchema = z.object({ data: z.object({ auth_token: z.string().optional() }).optional() });
const nodesSchema = z.object({
  data: z.object({
    result: z.object({
      result: z.array(z.object({ state: z.string(), resources_total: z.record(z.string(), z.number()) })),
    }),
  }),
});

const listedJobsSchema: z.ZodType<ListedJob[]> = z.array(
  z.object({
    submission_id: z.string().nullish(),
    status: z.string(),
    start_time: z.number().nullish(),
    metadata: z.record(z.string(), z.string()).nullish(),
  }),
);
const activitySchema = z.object({
  driver: z.object({ is_active: z.string(), last_activity_at: z.number().nullish() }),
});

/** A job in the cluster's list of all jobs. */
export interface ListedJob {
  readonly submission_id?: string | null | undefined;
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly start_time?: number | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
}

/** Activity of drivers on a cluster. */
export interface RayActivity {
  readonly isActive: boolean;
  /** Time of the last activity; `null` if unknown. */
  readonly lastMs: number | null;
}

/** A job of the cluster. */
export interface RayJob {
  readonly submission_id: string | null;
  readonly status: string;
  readonly message?: string | null | undefined;
  readonly driver_node_id?: string | null | undefined;
  readonly error_type?: string | null | undefined;
}

/** A job to start. */
export interface JobRequest {
  readonly submission_id: string;
  readonly entrypoint: string;
  readonly entrypoint_num_cpus: number;
  /** Visible to everyone who can see the job. */
  readonly runtime_env: { readonly working_dir: string };
  readonly metadata: Readonly<Record<string, string>>;
}

/** A live node, with its resources by Ray's names, such as `CPU`, `GPU` and `accelerator_type:H100`. */
export interface RayNode {
  readonly resources: Readonly<Record<string, number>>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Connection settings of a dashboard. */
interface Door {
  readonly isSecure: boolean;
  /** Host and port, or the socket of a proxy. */
  readonly at: () => Promise<Pick<RequestOptions, "hostname" | "port" | "socketPath">>;
  /** Prefix of every request's path. */
  readonly path: string;
  readonly token: string | null;
  /** Header that carries the token. */
  readonly tokenHeader: "authorization" | "x-ray-authorization";
}

/** A cluster's dashboard. */
export class Dashboard {
  /** Normalized address. */
  readonly address: string;
  readonly #door: Door;

  private constructor(address: string, door: Door) {
    this.address = address;
    this.#door = door;
  }

  /**
   * Creates the client for an address; sends nothing to the dashboard yet.
   *
   * @throws {TunewiseError} `RAY_ADDRESS_INVALID`; on Kubernetes also `PROVIDER_ADDRESS_INVALID`,
   *   `PROVIDER_UNREACHABLE`, `PROVIDER_DENIED`
   */
  static async at(address: string, { environment }: Pick<Runtime, "environment">): Promise<Dashboard> {
    if (isRayKubernetesAddress(address)) {
      const cluster = parseRayClusterAddress(address);
      return new Dashboard(cluster.text, await kubernetesDoor(cluster, environment));
    }
    const [found, scheme, host, path = ""] = form.exec(address) ?? [];
    if (found === undefined)
      throw problem("RAY_ADDRESS_INVALID", { address: address.slice(0, 200), ...hintFor(address) });
    const base = new URL(`${scheme}://${host}${path.replace(/\/$/, "")}`);
    const at = { hostname: base.hostname.replace(/^\[|\]$/g, ""), port: base.port };
    return new Dashboard(found.replace(/\/$/, ""), {
      isSecure: scheme === "https",
      at: async () => at,
      path: base.pathname.replace(/\/$/, ""),
      token: await tokenOf(environment),
      tokenHeader: "authorization",
    });
  }

  /**
   * Requires that the cluster answers, grants access and has a supported version.
   *
   * @returns the cluster's Ray version
   * @throws {TunewiseError} `RAY_UNREACHABLE`, `RAY_DENIED`, `RAY_VERSION_UNSUPPORTED`
   */
  async requireReady(): Promise<string> {
    const mode = parseMessage(
      (await this.ask("GET", "/api/authentication_mode", null, [200, 404])).body,
      modeSchema,
    );
    if (mode?.authentication_mode === "token" && this.#door.token === null)
      throw problem("RAY_DENIED", {
        address: this.address,
        reason: "it requires a token, and none is set here",
      });
    const found = parseMessage((await this.ask("GET", "/api/version")).body, versionSchema);
    if (found === null) throw this.#unreachable("the server there is not a Ray dashboard");
    const [major = 0, minor = 0] = found.ray_version.split(".").map(Number);
    if (major !== 2 || minor < 50) {
      const known = { least: "2.50", found: found.ray_version, tested: "2.60.0" };
      throw problem("RAY_VERSION_UNSUPPORTED", { address: this.address, ...known });
    }
    return found.ray_version;
  }

  /** Lists the live nodes. */
  async nodes(): Promise<RayNode[]> {
    const found = parseMessage((await this.ask("GET", "/api/v0/nodes")).body, nodesSchema);
    if (found === null) throw this.#unreachable("it does not list its nodes");
    return found.data.result.result
      .filter(({ state }) => state === "ALIVE")
      .map(({ resources_total }) => ({ resources: resources_total }));
  }

  /** Stores bytes in the cluster under a package name, such as `_ray_pkg_NAME.zip`, for at least ten minutes. */
  async upload(name: string, content: Buffer): Promise<void> {
    await this.ask("PUT", `/api/packages/gcs/${name}`, content);
  }

  /** Starts a job. Succeeds if it exists already, since the response to an earlier attempt may have been lost. */
  async submit(job: JobRequest): Promise<void> {
    // without the trailing slash Ray answers 404
    const { status, body } = await this.ask(
      "POST",
      "/api/jobs/",
      Buffer.from(JSON.stringify(job)),
      [200, 500],
    );
    if (status === 500 && !body.includes("already exists")) throw this.#unreachable(lastLine(body));
  }

  /** Returns a job; `null` if there is none. */
  async job(id: string): Promise<RayJob | null> {
    const { status, body } = await this.ask("GET", `/api/jobs/${id}`, null, [200, 404]);
    return status === 404 ? null : parseMessage(body, jobSchema);
  }

  /** Lists all jobs, including those that have ended. */
  async jobs(): Promise<ListedJob[]> {
    const found = parseMessage((await this.ask("GET", "/api/jobs/")).body, listedJobsSchema);
    if (found === null) throw this.#unreachable("it does not say what jobs it has");
    return found;
  }

  /** Returns whether any driver is active; `null` if the cluster does not report it. */
  async activity(): Promise<RayActivity | null> {
    const { body } = await this.ask("GET", "/api/component_activities", null, [200, 404, 500]);
    const found = parseMessage(body, activitySchema)?.driver;
    if (found === undefined || found.is_active === "ERROR") return null;
    const last = found.last_activity_at;
    return { isActive: found.is_active === "ACTIVE", lastMs: last ? 1000 * last : null };
  }

  /** Stops a job. Has no effect on one that has ended. */
  async stop(id: string): Promise<void> {
    await this.ask("POST", `/api/jobs/${id}/stop`, null, [200, 404]);
  }

  /** Returns the end of a job's log. */
  async logOf(id: string): Promise<string> {
    const { body } = await this.ask("GET", `/api/jobs/${id}/logs`, null, [200, 404, 500]);
    return parseMessage(body, z.object({ logs: z.string() }))?.logs.slice(-4000) ?? "";
  }

  /** Streams a job's log from its beginning. */
  async follow(id: string, node: string): Promise<IncomingMessage> {
    const query = new URLSearchParams({
      node_id: node,
      filename: `job-driver-${id}.log`,
      lines: "-1",
      interval: "0.1",
    });
    const { answer, end } = await this.#begin("GET", `/api/v0/logs/stream?${query}`, null);
    end(); // a log may be silent for a long time
    if (answer.statusCode === 200) return answer;
    answer.destroy();
    throw this.#unreachable(`it answers ${answer.statusCode} to a request for a job's log`);
  }

  /**
   * Sends a request and returns the whole response.
   *
   * @param wanted accepted statuses; others throw
   * @throws {TunewiseError} `RAY_UNREACHABLE`, `RAY_DENIED`
   */
  async ask(
    method: string,
    path: string,
    body: Buffer | null = null,
    wanted: readonly number[] = [200],
  ): Promise<Answer> {
    const { answer, end } = await this.#begin(method, path, body);
    const parts: Buffer[] = [];
    let size = 0;
    try {
      for await (const part of answer as AsyncIterable<Buffer>) {
        size += part.length;
        if (size > maxAnswerBytes) throw new Error(`its answer is longer than ${maxAnswerBytes} bytes`);
        parts.push(part);
      }
    } catch (error) {
      throw this.#unreachable((error as Error).message, error);
    } finally {
      end();
    }
    const [status, text] = [answer.statusCode ?? 0, Buffer.concat(parts).toString("utf8")];
    if (status === 401 || status === 403) {
      const isTokenMissing = this.#door.token === null;
      const reason =
        parseMessage(text, forbiddenSchema)?.message ??
        (isTokenMissing ? "it requires a token, and none is set here" : "it rejects the token");
      throw problem("RAY_DENIED", { address: this.address, reason });
    }
    if (!wanted.includes(status))
      throw this.#unreachable(`it returned ${status} for ${method} ${path}: ${lastLine(text)}`);
    return { status, body: text };
  }

  /** Sends a request. Its time limit covers the whole response, until `end` is called. */
  async #begin(
    method: string,
    path: string,
    body: Buffer | null,
  ): Promise<{ readonly answer: IncomingMessage; readonly end: () => void }> {
    const { isSecure, token, tokenHeader, path: before } = this.#door;
    const headers = {
      ...(token !== null && { [tokenHeader]: `Bearer ${token}` }),
      ...(body !== null && { "content-length": body.length }),
      ...(method === "POST" && { "content-type": "application/json" }),
    };
    const place = await this.#door.at().catch((error: unknown) => {
      throw this.#unreachable((error as Error).message, error);
    });
    const options = { ...place, method, headers, path: `${before}${path}` };
    const ms = body === null ? answerMs : uploadMs;
    return new Promise((resolve, reject) => {
      const sent: ClientRequest = (isSecure ? requestHttps : requestHttp)(options, (answer) =>
        resolve({ answer, end: () => clearTimeout(limit) }),
      );
      const limit = setTimeout(
        () => sent.destroy(new Error(`no whole answer within ${ms / 1000} seconds`)),
        ms,
      );
      sent.once("error", (error) => {
        clearTimeout(limit);
        reject(this.#unreachable(error.message || String(error), error));
      });
      sent.end(body ?? undefined);
    });
  }

  #unreachable(reason: string, cause: unknown = undefined): Error {
    return problem("RAY_UNREACHABLE", { address: this.address, reason }, { cause });
  }
}

/** Suggests an address. Users often confuse Ray Client and the Jobs API, which have different ports. */
function hintFor(address: string): { readonly hint: string } {
  const host = /^ray:\/\/([A-Za-z0-9._-]+)/.exec(address)?.[1];
  return { hint: host === undefined ? "ray+http://HOST:8265" : `ray+http://${host}:8265` };
}

/**
 * Reaches a dashboard through the API server of a Kubernetes cluster, which forwards requests to the service of the
 * head node. The API server consumes the `authorization` header, so Ray's token is sent in its alternative header.
 *
 * @source KubeRay 1.5: service `NAME-head-svc`, secret `NAME`; Ray 2.60: `X-Ray-Authorization`
 */
async function kubernetesDoor(
  cluster: RayClusterAddress,
  environment: Runtime["environment"],
): Promise<Door> {
  const { namespace, cluster: name, context } = cluster;
  const within = `/api/v1/namespaces/${namespace}`;
  const asked = { method: "GET", path: `${within}/secrets/${name}`, what: `read secret ${name}` } as const;
  const given = environment["RAY_AUTH_TOKEN"]?.trim();
  const secret = given ? null : await new KubernetesClient(cluster, environment).ask(asked, secretSchema);
  const stored = Buffer.from(secret?.data?.auth_token ?? "", "base64")
    .toString("utf8")
    .trim();
  return {
    isSecure: false,
    at: async () => ({ socketPath: await proxySocket(context, environment) }),
    path: `${within}/services/http:${name}-head-svc:8265/proxy`,
    token: given || stored || null,
    tokenHeader: "x-ray-authorization",
  };
}

/** Finds the token as Ray's own programs do. @source Ray 2.60, _private/authentication */
async function tokenOf(environment: Runtime["environment"]): Promise<string | null> {
  const given = environment["RAY_AUTH_TOKEN"];
  if (given) return given.trim();
  const path =
    environment["RAY_AUTH_TOKEN_PATH"] ?? join(environment["HOME"] ?? homedir(), ".ray", "auth_token");
  const text = await readTextFile(path, maxTokenBytes).catch(() => "");
  return text.trim() === "" ? null : text.trim();
}

function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1)?.slice(0, 300) || "nothing";
}
