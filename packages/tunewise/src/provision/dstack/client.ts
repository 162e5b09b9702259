/** @file Client of a dstack server's REST API, version 0.22. A token is only sent to the address that it belongs to. */
import { homedir } from "node:os";
import { join } from "node:path";
import { parseJson, readTextFile } from "@tunewise/core/untrusted";
import { z } from "zod";
import { problem } from "../../problem/index.ts";
import type { DstackAddress } from "./address.ts";

/** Timeout of a request. It is long because plans query several clouds. */
const answerMs = 60_000;
const maxAnswerBytes = 64 << 20;
const maxConfigBytes = 1 << 16;

/** Runtime access that requests need. */
export interface DstackAccess {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
}

const tokenHint = "export DSTACK_TOKEN=..., with the token of your user on that server";

const failureSchema = z.object({
  detail: z.union([
    z.array(z.object({ msg: z.string(), code: z.string().nullish() })),
    z.string().transform((msg) => [{ msg, code: null }]),
  ]),
});

/** Error code of the server for a missing object. */
const notFound = "resource_not_exists";

/** Client of a project on a server. */
export class DstackClient {
  readonly address: DstackAddress;
  readonly #token: string;
  readonly #fetch: typeof fetch;

  private constructor(address: DstackAddress, token: string, access: DstackAccess) {
    this.address = address;
    this.#token = token;
    this.#fetch = access.fetch;
  }

  /**
   * Creates a client for an address. Sends no request.
   *
   * @throws {TunewiseError} `PROVIDER_DENIED` if there is no token for the address
   */
  static async at(address: DstackAddress, access: DstackAccess): Promise<DstackClient> {
    const token = await tokenOf(address, access.environment);
    if (token === null)
      throw problem("PROVIDER_DENIED", {
        address: address.text,
        reason: "no token for it is set here",
        hint: tokenHint,
      });
    return new DstackClient(address, token, access);
  }

  /**
   * Sends a request about the project.
   *
   * @param path relative to the project's path, such as `runs/get`
   * @param what describes the request in messages: `create machine tunewise-1`
   * @returns the answer, or `null` if the server reports that the named object does not exist
   * @throws {TunewiseError} `PROVIDER_UNREACHABLE`, `PROVIDER_DENIED`, `PROVIDER_REFUSED`
   */
  ask<Answer>(path: string, body: unknown, schema: z.ZodType<Answer>, what: string): Promise<Answer | null> {
    return this.#post(`project/${this.address.project}/${path}`, body, schema, what);
  }

  /** Requires an answer that must exist, such as a list. If it is missing, the server does not know the project. */
  demand<Answer>(answer: Answer | null, what: string): Answer {
    if (answer !== null) return answer;
    throw problem("PROVIDER_REFUSED", {
      address: this.address.text,
      what,
      reason: "it does not know the project",
    });
  }

  /** Like `ask`, for paths that are not below the project's; the project is named in the body. */
  askServer<Answer>(
    path: string,
    body: object,
    schema: z.ZodType<Answer>,
    what: string,
  ): Promise<Answer | null> {
    return this.#post(path, { ...body, project_name: this.address.project }, schema, what);
  }

  async #post<Answer>(
    path: string,
    body: unknown,
    schema: z.ZodType<Answer>,
    what: string,
  ): Promise<Answer | null> {
    const address = this.address.text;
    const { status, text } = await this.#send(`${this.address.url}/api/${path}`, body);
    if (status === 401 || status === 403)
      throw problem("PROVIDER_DENIED", {
        address,
        reason: reasonIn(text) ?? `status ${status}`,
        hint: tokenHint,
      });
    if (status >= 400 && status < 500) {
      const failure = failureIn(text);
      if (failure?.some(({ code }) => code === notFound)) return null;
      throw problem("PROVIDER_REFUSED", { address, what, reason: reasonIn(text) ?? `status ${status}` });
    }
    if (status !== 200) throw this.#unreachable(`status ${status}: ${text.slice(0, 200)}`);
    const read = schema.safeParse(jsonOf(text));
    if (!read.success) {
      const [issue] = read.error.issues;
      throw this.#unreachable(`its response is not valid: ${issue?.path.join(".")}: ${issue?.message}`);
    }
    return read.data;
  }

  async #send(url: string, body: unknown): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const response = await this.#fetch(url, {
        method: "POST",
        headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
        redirect: "error",
        signal: AbortSignal.timeout(answerMs),
      });
      return { status: response.status, text: await textOf(response) };
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { message?: string } };
      throw this.#unreachable(cause?.message ?? message, error);
    }
  }

  #unreachable(reason: string, cause: unknown = undefined): Error {
    return problem("PROVIDER_UNREACHABLE", { address: this.address.text, reason }, { cause });
  }
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += (part as Uint8Array).length;
    if (size > maxAnswerBytes) throw new Error(`its response is longer than ${maxAnswerBytes} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString("utf8");
}

function jsonOf(text: string): unknown {
  try {
    return text === "" ? null : parseJson(text);
  } catch {
    return undefined;
  }
}

function failureIn(
  text: string,
): readonly { readonly msg: string; readonly code?: string | null | undefined }[] | null {
  return failureSchema.safeParse(jsonOf(text)).data?.detail ?? null;
}

function reasonIn(text: string): string | null {
  const reasons = failureIn(text)?.map(({ msg }) => msg) ?? [];
  return reasons.length === 0 ? null : reasons.join("; ").slice(0, 500);
}

/** Finds the token of an address as dstack's own programs do. */
async function tokenOf(
  { url, project }: DstackAddress,
  environment: DstackAccess["environment"],
): Promise<string | null> {
  const given = environment["DSTACK_TOKEN"]?.trim();
  if (given) return given;
  const path = join(environment["HOME"] ?? homedir(), ".dstack", "config.yml");
  return tokenIn(await readTextFile(path, maxConfigBytes).catch(() => ""), url, project);
}

/**
 * Finds the token of an address in dstack's configuration, whose lines are `key: value`.
 *
 * @source dstack 0.22, core/models/config.py: a list `projects` of `name`, `url`, `token`, `default`
 */
export function tokenIn(config: string, url: string, project: string): string | null {
  const entries: Record<string, string>[] = [];
  for (const line of config.split(/\r?\n/)) {
    const [found, dash, key = "", value = ""] =
      /^( *- +| +)(name|url|token|default): *(\S.*?) *$/.exec(line) ?? [];
    if (found === undefined) continue;
    if (dash?.includes("-")) entries.push({});
    const entry = entries.at(-1);
    if (entry !== undefined) entry[key] = value.replace(/^(["'])(.*)\1$/, "$2");
  }
  const own = entries.find((entry) => entry["name"] === project && originOf(entry["url"]) === originOf(url));
  return own?.["token"] ?? null;
}

function originOf(url: string | undefined): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : "";
}
