/** @file Client of the API server of a Kubernetes cluster. */
import { type IncomingMessage, request } from "node:http";
import { parseJson } from "@tunewise/core/untrusted";
import { z } from "zod";
import { problem } from "../../problem/index.ts";
import type { KubernetesAddress } from "./address.ts";
import { type KubectlEnvironment, proxySocket } from "./proxy.ts";

/** Timeout of a request. */
const answerMs = 30_000;
const maxAnswerBytes = 64 << 20;

/** @source Kubernetes API, meta/v1 Status */
const statusSchema = z.object({ message: z.string() });

/** A request to an API server. */
export interface KubernetesRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** Description for messages, such as `create tunewise-1`. */
  readonly what: string;
}

/** Client of a context's API server. */
export class KubernetesClient {
  readonly address: KubernetesAddress;
  readonly #environment: KubectlEnvironment;

  /** Sends no request. */
  constructor(address: KubernetesAddress, environment: KubectlEnvironment) {
    this.address = address;
    this.#environment = environment;
  }

  /**
   * Sends a request.
   *
   * @returns the answer, or `null` if the named object does not exist
   * @throws {TunewiseError} `PROVIDER_UNREACHABLE`, `PROVIDER_DENIED`, `PROVIDER_REFUSED`
   */
  async ask<Answer>(asked: KubernetesRequest, schema: z.ZodType<Answer>): Promise<Answer | null> {
    const { status, text } = await this.#send(asked);
    const address = this.address.text;
    const said = statusSchema.safeParse(jsonOf(text)).data;
    const reason = said?.message ?? `status ${status}: ${text.trim().slice(0, 300)}`;
    if (status === 401 || (status === 403 && !/exceeded quota/.test(reason)))
      throw problem("PROVIDER_DENIED", {
        address,
        reason,
        hint: "ask the cluster's administrator for the rights that docs/scale.md lists; to see yours: kubectl auth can-i --list",
      });
    // a kind that the server does not know is different from a missing object
    const isUnknown = status === 404 && !/ not found$/.test(reason);
    if (status === 404 && !isUnknown) return null;
    if (status >= 400 && status < 500)
      throw problem("PROVIDER_REFUSED", {
        address,
        what: asked.what,
        reason: isUnknown ? `${reason} (KubeRay or the namespace is missing)` : reason,
      });
    if (status < 200 || status > 299) throw this.#unreachable(reason);
    const read = schema.safeParse(jsonOf(text));
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw this.#unreachable(`its response is not valid: ${issue?.path.join(".")}: ${issue?.message}`);
  }

  /** Like `ask`, but the object must exist: a missing list is not an empty list. */
  async demand<Answer>(asked: KubernetesRequest, schema: z.ZodType<Answer>): Promise<Answer> {
    const answer = await this.ask(asked, schema);
    if (answer !== null) return answer;
    throw problem("PROVIDER_REFUSED", {
      address: this.address.text,
      what: asked.what,
      reason: "the namespace does not exist",
    });
  }

  async #send(asked: KubernetesRequest): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const socketPath = await proxySocket(this.address.context, this.#environment);
      const answer = await answerTo(socketPath, asked);
      return { status: answer.statusCode ?? 0, text: await textOf(answer) };
    } catch (error) {
      throw this.#unreachable((error as Error).message, error);
    }
  }

  #unreachable(reason: string, cause: unknown = undefined): Error {
    return problem("PROVIDER_UNREACHABLE", { address: this.address.text, reason }, { cause });
  }
}

function answerTo(socketPath: string, { method, path, body }: KubernetesRequest): Promise<IncomingMessage> {
  const content = body === undefined ? null : Buffer.from(JSON.stringify(body));
  const headers = {
    accept: "application/json",
    ...(content !== null && { "content-type": "application/json", "content-length": content.length }),
  };
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method, headers, timeout: answerMs }, resolve);
    sent.once("timeout", () => sent.destroy(new Error(`no answer within ${answerMs / 1000} seconds`)));
    sent.once("error", reject);
    sent.end(content ?? undefined);
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxAnswerBytes) throw new Error(`its answer is longer than ${maxAnswerBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
