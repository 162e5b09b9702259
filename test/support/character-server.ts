/** @file Stand-ins for servers of models, for tests: the routes of their APIs in front of a toy model of characters. */

/** APIs. `plain` has OpenAI's routes only. */
export type Dialect = "vllm" | "llama-server" | "ollama" | "plain";

/** What a stand-in does wrong, or does not support. */
export type ServerFault =
  | "template"
  | "bos"
  | "stop"
  | "rope"
  | "vocabulary"
  | "tools"
  | "tools-refused"
  | "bias-ignored";

interface Conversation {
  readonly messages: readonly object[];
  readonly tools?: readonly object[];
}

/** The right prompt. */
export function render({ messages, tools }: Conversation): string {
  const turns = (messages as { role: string; content: string }[]).map(
    ({ role, content }) => `[${role}]${content}`,
  );
  return `<s>${tools ? "{tools}" : ""}${turns.join("")}[assistant]`;
}

/** An id per character; 1 and 2 are BOS and the end token. */
export function toIds(text: string): number[] {
  return text.split(/(<s>|<\/s>)/).flatMap((part) => {
    if (part === "<s>") return [1];
    return part === "</s>" ? [2] : [...part].map((letter) => letter.codePointAt(0) as number);
  });
}

function toText(ids: readonly number[]): string {
  return ids.map((id) => ["", "<s>", "</s>"][id] ?? String.fromCodePoint(id)).join("");
}

/** A `fetch` that reaches the stand-in. */
export function characterServer(dialect: Dialect, fault: ServerFault | null): typeof fetch {
  return async (input, init) => {
    const { pathname } = new URL(String(input));
    const body = init?.body ? JSON.parse(String(init.body)) : {};
    const reply =
      dialect === "ollama" ? ollama(pathname, body, fault) : openAi(dialect, pathname, body, fault);
    if (reply === null) return new Response('{"error":"not found"}', { status: 404 });
    const status = "error" in reply ? 400 : 200;
    return new Response(JSON.stringify(reply), { status });
  };
}

/** What the model sees. */
function promptOf(conversation: Conversation, fault: ServerFault | null): number[] {
  const { messages, tools } = conversation;
  const given = fault === "tools" ? { messages } : { messages, ...(tools && { tools }) };
  const text = fault === "template" ? `### ${render(given).slice(3)}` : render(given);
  return fault === "bos" ? [1, ...toIds(text)] : tokenize(text, fault);
}

function tokenize(text: string, fault: ServerFault | null): number[] {
  return toIds(text).map((id) => (fault === "vocabulary" && id === 105 ? 106 : id));
}

/** "ok" after prompts that end with the header, as far as they are right. */
function answer(fault: ServerFault | null, limit: number): { text: string; reason: "stop" | "length" } {
  const text = fault === "stop" ? "ok and on and on" : "ok";
  return { text: text.slice(0, limit), reason: text.length > limit ? "length" : "stop" };
}

/** Scores of the likeliest tokens after ids. */
function likeliest(ids: readonly number[], fault: ServerFault | null): Record<string, number> {
  if (ids.length === 1) return { z: -0.5, y: -2 };
  return fault === "rope" ? { q: -0.2, o: -3 } : { o: -0.1, q: -3 };
}

function openAi(dialect: Dialect, path: string, body: Request, fault: ServerFault | null): object | null {
  if (path === "/v1/models") return { data: [{ id: "run-1" }, { id: "base" }] };
  if (path === "/v1/chat/completions") {
    if (fault === "tools-refused" && body.tools) return { error: { message: "'tools' is not supported" } };
    const { text, reason } = answer(fault, body.max_tokens);
    const choice = { message: { content: text }, finish_reason: reason };
    return { choices: [choice], usage: { prompt_tokens: promptOf(body, fault).length } };
  }
  if (path === "/v1/completions") return completion(dialect, body, fault);
  if (dialect === "vllm") return vllm(path, body, fault);
  return dialect === "llama-server" ? llamaServer(path, body, fault) : null;
}

function completion(dialect: Dialect, body: Request, fault: ServerFault | null): object {
  const [bias] = Object.keys(body.logit_bias ?? {}).map(Number);
  if (bias !== undefined && fault !== "bias-ignored") {
    const isEnd = bias === 2 && fault !== "stop";
    return {
      choices: [{ text: isEnd ? "" : toText([bias, bias]), finish_reason: isEnd ? "stop" : "length" }],
    };
  }
  const scores = likeliest(body.prompt as readonly number[], fault);
  const content = Object.entries(scores).map(([token, logprob]) => ({ token, logprob }));
  const logprobs =
    dialect === "llama-server" ? { content: [{ top_logprobs: content }] } : { top_logprobs: [scores] };
  return { choices: [{ text: Object.keys(scores)[0], finish_reason: "length", logprobs }] };
}

function vllm(path: string, body: Request, fault: ServerFault | null): object | null {
  if (path === "/version") return { version: "0.11" };
  if (path === "/detokenize") return { prompt: detokenized(body.tokens, fault) };
  if (path !== "/tokenize") return null;
  const tokens = body.messages ? promptOf(body, fault) : tokenize(String(body.prompt), fault);
  return { tokens, count: tokens.length, max_model_len: 100 };
}

function detokenized(tokens: readonly number[], fault: ServerFault | null): string {
  return toText(tokens.map((id) => (fault === "vocabulary" && id === 106 ? 105 : id)));
}

function llamaServer(path: string, body: Request, fault: ServerFault | null): object | null {
  if (path === "/apply-template") return { prompt: detokenized(promptOf(body, fault), fault).slice(3) };
  if (path !== "/tokenize") return null;
  const tokens = tokenize(body.content ?? "", fault);
  return { tokens: body.add_special ? [1, ...tokens] : tokens };
}

function ollama(path: string, body: Request, fault: ServerFault | null): object | null {
  const about = { parameters: fault === "stop" ? "" : 'stop    "</s>"\ntemperature 0' };
  if (path === "/api/tags") return { models: [{ name: "run-1" }] };
  if (path === "/api/version") return { version: "0.34" };
  if (path === "/api/show") return { ...about, model_info: { "tokenizer.ggml.add_bos_token": true } };
  if (path === "/api/generate") {
    // the runner adds BOS, so a prompt must come without
    const ids = [1, ...toIds(String(body.prompt))];
    const all = Object.entries(likeliest(ids[1] === 1 ? [1] : ids, fault));
    const top = all.map(([token, logprob]) => ({ token, logprob }));
    return { logprobs: [{ ...top[0], top_logprobs: top }] };
  }
  if (path !== "/api/chat") return null;
  const ids = promptOf(body, fault);
  if (body._debug_render_only)
    return { _debug_info: { rendered_template: toText(ids.filter((id) => id !== 1)) } };
  const { text, reason } = answer(fault, body.options?.num_predict ?? 0);
  return { message: { content: text }, done_reason: reason, prompt_eval_count: ids.length };
}

interface Request extends Conversation {
  readonly max_tokens: number;
  readonly prompt?: string | readonly number[];
  readonly content?: string;
  readonly add_special?: boolean;
  readonly tokens: readonly number[];
  readonly logit_bias?: Readonly<Record<string, number>>;
  readonly _debug_render_only?: boolean;
  readonly options?: { readonly num_predict: number };
}
