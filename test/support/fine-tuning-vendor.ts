/**
 * @file For tests: a stand-in for a vendor of fine-tuned models, in the shape of OpenAI's API: jobs, events,
 * checkpoints, files, models with shutdown dates, and chat completions of a scripted model.
 * `test/journey/freeze.test.ts` and `test/clients/openai-vendor.test.ts` hold it against the official clients.
 *
 * @source openai/openai-node src/resources: fine-tuning/jobs, files.ts, models.ts, chat/completions
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A reply that is not an answer. */
export type VendorFault = "fine" | "busy" | "down" | "cut" | "gone" | "forbidden";

/** A received chat request. */
export interface VendorRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string | null }[];
  readonly tools?: readonly object[];
  readonly stream?: boolean;
  readonly logprobs?: boolean;
}

/** What the scripted model answers. */
export interface VendorAnswer {
  readonly content: string;
  readonly call?: { readonly name: string; readonly arguments: string };
}

/** Contents of the vendor. */
export interface VendorOptions {
  readonly jobs?: readonly VendorJob[];
  /** Files by id; `expired` ones are listed and cannot be downloaded. */
  readonly files?: Readonly<
    Record<string, { readonly text: string; readonly expired?: boolean; readonly bytes?: number }>
  >;
  /** Shutdown dates by model; `null`: not announced. */
  readonly models?: Readonly<Record<string, string | null>>;
  readonly answer?: (request: VendorRequest) => VendorAnswer | Promise<VendorAnswer>;
  readonly fault?: (at: number, request: VendorRequest) => VendorFault;
  readonly delayMs?: number;
  /** The only accepted key; default: any. */
  readonly key?: string;
}

/** A job, with defaults for what a test does not care about. */
export interface VendorJob {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** A running vendor. */
export interface Vendor {
  readonly url: string;
  readonly requests: { readonly path: string; readonly headers: IncomingMessage["headers"] }[];
  /** Chat requests that the model read, by the last message. */
  readonly asked: Map<string, number>;
  /** Answers that were sent completely, by the last message. */
  readonly sent: Map<string, number>;
  readonly bill: { promptTokens: number; answerTokens: number };
  /** Changes the faults of later requests. */
  setFault(fault: NonNullable<VendorOptions["fault"]>): void;
  close(): Promise<void>;
}

/** A complete job in the vendor's form. */
export function jobOf(more: VendorJob): object {
  return {
    object: "fine_tuning.job",
    created_at: 1_760_000_000,
    finished_at: 1_760_003_600,
    error: null,
    fine_tuned_model: null,
    hyperparameters: { n_epochs: 3, batch_size: 4, learning_rate_multiplier: 1.8 },
    model: "gpt-4o-mini-2024-07-18",
    organization_id: "org-1",
    result_files: [],
    seed: 42,
    status: "succeeded",
    trained_tokens: 1_000_000,
    training_file: "file-train",
    validation_file: null,
    estimated_finish: null,
    integrations: [],
    metadata: null,
    ...more,
  };
}

/** Starts the vendor on a loopback port. */
export async function startVendor(options: VendorOptions = {}): Promise<Vendor> {
  const requests: Vendor["requests"] = [];
  const state = {
    options,
    fault: options.fault ?? ((): VendorFault => "fine"),
    asked: new Map<string, number>(),
    sent: new Map<string, number>(),
    bill: { promptTokens: 0, answerTokens: 0 },
    chats: 0,
  };
  const server: Server = createServer((incoming, response) => {
    requests.push({ path: incoming.url ?? "", headers: incoming.headers });
    void reply(state, incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    asked: state.asked,
    sent: state.sent,
    bill: state.bill,
    setFault: (fault) => {
      state.fault = fault;
    },
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}

interface State {
  readonly options: VendorOptions;
  fault: NonNullable<VendorOptions["fault"]>;
  readonly asked: Map<string, number>;
  readonly sent: Map<string, number>;
  readonly bill: Vendor["bill"];
  chats: number;
}

function json(response: ServerResponse, status: number, value: unknown, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  code: string | null,
  headers = {},
): void {
  json(response, status, { error: { message, type: "invalid_request_error", param: null, code } }, headers);
}

async function reply(state: State, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { options } = state;
  const { pathname, searchParams } = new URL(incoming.url ?? "", "http://x");
  const { authorization, "api-key": azureKey } = incoming.headers;
  if (options.key !== undefined && authorization !== `Bearer ${options.key}` && azureKey !== options.key)
    return refuse(response, 401, `Incorrect API key provided: ${authorization}`, "invalid_api_key");
  const path = pathname.replace(/^\/(?:openai\/)?(?:v1\/)?/, "");
  if (path.endsWith("chat/completions")) return chat(state, incoming, response);
  const [, job, list] = /^fine_tuning\/jobs(?:\/([^/]+)(?:\/(events|checkpoints))?)?$/.exec(path) ?? [null];
  const jobs = options.jobs ?? [];
  if (path === "fine_tuning/jobs") return json(response, 200, pageOf(jobs.map(jobOf), searchParams));
  if (job !== undefined) {
    const found = jobs.find(({ id }) => id === job);
    if (found === undefined)
      return refuse(response, 404, `Could not find fine tune: ${job}`, "fine_tune_not_found");
    if (list !== undefined) return json(response, 200, pageOf([], searchParams));
    return json(response, 200, jobOf(found));
  }
  if (path === "models") {
    const data = Object.entries(options.models ?? {}).map(([id, shutdown]) => ({
      id,
      object: "model",
      created: 1_760_000_000,
      owned_by: id.startsWith("ft:") ? "org-1" : "system",
      shutdown_date: shutdown,
    }));
    return json(response, 200, { object: "list", data });
  }
  return file(options, path, response);
}

function file({ files = {} }: VendorOptions, path: string, response: ServerResponse): void {
  const [, id = "", isContent] = /^files\/([^/]+)(\/content)?$/.exec(path) ?? [];
  const found = Object.hasOwn(files, id) ? files[id] : undefined;
  if (found === undefined || (found.expired && isContent)) {
    refuse(response, 404, `No such File object: ${id}`, null);
  } else if (isContent) {
    response.writeHead(200, { "content-type": "application/octet-stream" }).end(found.text);
  } else {
    const bytes = found.bytes ?? Buffer.byteLength(found.text);
    const about = { id, object: "file", bytes, created_at: 1_760_000_000, filename: `${id}.jsonl` };
    json(response, 200, { ...about, purpose: "fine-tune", status: "processed", status_details: null });
  }
}

/** A page of a list: `after` and `limit`, as cursor pages have them. */
function pageOf(all: readonly object[], search: URLSearchParams): object {
  const after = search.get("after");
  const start = after === null ? 0 : all.findIndex((one) => (one as { id: string }).id === after) + 1;
  const data = all.slice(start, start + Number(search.get("limit") ?? 20));
  return { object: "list", data, has_more: start + data.length < all.length };
}

async function chat(state: State, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const request = JSON.parse(Buffer.concat(chunks).toString("utf8")) as VendorRequest;
  const { options, bill } = state;
  const fault = state.fault(state.chats++, request);
  if (options.delayMs) await new Promise((done) => setTimeout(done, options.delayMs));
  if (fault === "busy")
    return refuse(response, 429, "Rate limit reached", "rate_limit_exceeded", { "retry-after": "0.01" });
  if (fault === "down") return refuse(response, 500, "The server had an error", null);
  if (fault === "gone")
    return refuse(response, 404, `The model ${request.model} does not exist`, "model_not_found");
  if (fault === "forbidden") return refuse(response, 403, "Your key may not use this model", null);
  const key = String(request.messages.at(-1)?.content);
  state.asked.set(key, (state.asked.get(key) ?? 0) + 1);
  const { content, call } = (await options.answer?.(request)) ?? { content: `answer to ${key}` };
  const words = content.split(/(?<= )/).filter((word) => word !== "");
  const prompt = Buffer.byteLength(JSON.stringify(request.messages.map((one) => one.content ?? "")));
  const cached = Math.min(prompt, 4);
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: words.length + (call === undefined ? 0 : 8),
    total_tokens: prompt + words.length,
    prompt_tokens_details: { cached_tokens: cached },
  };
  bill.promptTokens += prompt;
  bill.answerTokens += usage.completion_tokens;
  if (fault === "cut")
    return void response
      .writeHead(200, { "content-type": "text/event-stream" })
      .write("data: {", () => response.destroy());
  const logprobs = request.logprobs
    ? {
        content: words.map((token, at) => ({ token, logprob: -0.125 * at, bytes: null, top_logprobs: [] })),
        refusal: null,
      }
    : null;
  const calls = call && [{ index: 0, id: "call_1", type: "function", function: call }];
  const finish = call === undefined ? "stop" : "tool_calls";
  const head = { id: "chatcmpl-1", created: 1_760_000_000, model: request.model, system_fingerprint: "fp_1" };
  response.once("finish", () => state.sent.set(key, (state.sent.get(key) ?? 0) + 1));
  if (request.stream !== true) {
    const message = {
      role: "assistant",
      content: call ? null : content,
      refusal: null,
      ...(calls && { tool_calls: calls }),
    };
    const choices = [{ index: 0, message, logprobs, finish_reason: finish }];
    return json(response, 200, { ...head, object: "chat.completion", choices, usage });
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const delta = { role: "assistant", content: call ? null : content, ...(calls && { tool_calls: calls }) };
  const events = [
    { choices: [{ index: 0, delta, logprobs, finish_reason: null }], usage: null },
    { choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: finish }], usage: null },
    { choices: [], usage },
  ];
  for (const event of events)
    response.write(`data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...event })}\n\n`);
  response.end("data: [DONE]\n\n");
}
