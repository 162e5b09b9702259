/** @file Renders probe conversations with a chat template, and cuts out what it writes for the assistant's turn. */
import type { Conversation, JsonObject, JsonValue, Message, ToolCall } from "@tunewise/core/rows";
import { TunewiseError } from "../../problem/index.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { sharedStart } from "./atoms.ts";

/** What is needed of a tokenizer. */
export type Renderer = Pick<Tokenizer, "render">;

/** Texts that no template contains. Ids have nine letters and digits, as Mistral's templates require. */
export const marks = {
  tool: "lookup_qzx",
  otherTool: "fetch_wvk",
  description: "describes_qzx",
  id: "qzid00001",
  otherId: "qzid00002",
  text: "\u00a7qzcontent\u00a7",
  textBefore: "\u2020qzbefore\u2020",
  reasoning: "\u00a7qzreasoning\u00a7",
  result: "\u00a7qzresult\u00a7",
} as const;

/** A call of a probe. */
export interface ProbeCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
}

/** The first call of a probe. */
export function firstCall(given: JsonObject): ProbeCall {
  return { id: marks.id, name: marks.tool, arguments: given };
}

const parameters: JsonObject = {
  type: "object",
  properties: Object.fromEntries(
    ["kqa", "kqb", "kqc"].map((key) => [key, { type: "string", description: "d" }]),
  ),
  required: [],
};

function toolNamed(name: string): JsonObject {
  const description = marks.description;
  return { type: "function", function: { name, description, parameters } };
}

/** The tools of all probes. */
export const probeTools: readonly JsonObject[] = [toolNamed(marks.tool), toolNamed(marks.otherTool)];

const question: Message = { role: "user", content: "Hi" };

/** The text of an assistant's turn. */
export interface Turn {
  /** The conversation as a whole. */
  readonly full: string;
  readonly text: string;
  /** What the generation prompt does not contain, but every turn begins with. */
  readonly lead: string;
}

/** How a template has to be asked for calls. */
export interface ProbeStyle {
  /** Arguments as a JSON text instead of an object. */
  readonly takesText: boolean;
  /** Each call followed by its result. */
  readonly hasResults: boolean;
}

/** In the order of preference. */
export const probeStyles: readonly ProbeStyle[] = [
  { takesText: false, hasResults: false },
  { takesText: true, hasResults: false },
  { takesText: false, hasResults: true },
  { takesText: true, hasResults: true },
];

/** Renders probes with one template. */
export class Prober {
  /** The generation prompt; `null` if the template refuses it. */
  readonly prompt: string | null;
  /** A turn of plain text with its marker: `null` if the template refuses it. */
  private readonly plain: string | null;
  private readonly renderer: Renderer;

  constructor(renderer: Renderer) {
    this.renderer = renderer;
    this.prompt = this.rendered([question], true);
    this.plain = this.rendered([question, { role: "assistant", content: marks.text }], false);
  }

  /** What follows the text of a plain turn. */
  get turnEnd(): string {
    const at = this.plain?.indexOf(marks.text) ?? -1;
    return this.plain === null || at < 0 ? "" : this.plain.slice(at + marks.text.length);
  }

  /** The turn of an assistant that calls tools; `null` if the template refuses it. */
  turn(
    calls: readonly ProbeCall[],
    { takesText, hasResults }: ProbeStyle,
    beside: { readonly content?: string; readonly reasoning?: string } = {},
  ): Turn | null {
    const toolCalls = calls.map(
      ({ id, name, arguments: given }): ToolCall => ({
        id,
        name,
        arguments: takesText ? JSON.stringify(given) : given,
      }),
    );
    const calling: Message = { role: "assistant", content: "", ...beside, toolCalls };
    const results = calls.map(
      ({ id, name }): Message => ({ role: "tool", content: marks.result, toolCallId: id, name }),
    );
    const end: Message = { role: "assistant", content: marks.text };
    const full = this.rendered([question, calling, ...(hasResults ? [...results, end] : [])], false);
    if (full === null) return null;
    const until = hasResults ? full.indexOf(marks.result) : full.length;
    return this.cut(full.slice(0, until < 0 ? full.length : until));
  }

  /** A conversation whose assistant reasons before a plain answer, as a whole; empty if the template refuses it. */
  reasoned(): string {
    const answer: Message = { role: "assistant", content: marks.text, reasoning: marks.reasoning };
    return this.rendered([question, answer], false) ?? "";
  }

  /** What a turn writes before a marker; if that is only white space, the last marker such as `<think>` before it. */
  openingBefore(full: string, mark: string): string {
    const before = full.slice(0, full.indexOf(mark));
    const begin = this.beginOf(before);
    const open = before.slice(begin);
    return open.trim() === "" ? (/<[^<>\s]{1,60}>\s*$/.exec(before)?.[0] ?? "") : open;
  }

  private cut(full: string): Turn {
    const begin = this.beginOf(full);
    const shared = sharedStart(full, this.plain ?? "").length;
    return { full, text: full.slice(begin), lead: full.slice(begin, Math.max(begin, shared)) };
  }

  /** Where the assistant's turn begins: behind the prompt, or behind what it shares with a plain turn. */
  private beginOf(full: string): number {
    const { prompt } = this;
    const isExtended = prompt !== null && full.startsWith(prompt);
    return isExtended ? prompt.length : sharedStart(full, this.plain ?? "").length;
  }

  /** @throws {TunewiseError} unless the template only refuses this conversation */
  rendered(messages: readonly Message[], addGenerationPrompt: boolean): string | null {
    const conversation: Conversation = { messages, tools: probeTools };
    return renderedOrNull(this.renderer, conversation, addGenerationPrompt);
  }
}

/** The conversation as text; `null` if the template refuses it, or if there is none. */
export function renderedOrNull(
  renderer: Renderer,
  conversation: Conversation,
  addGenerationPrompt: boolean,
): string | null {
  try {
    return renderer.render(conversation, { addGenerationPrompt });
  } catch (error) {
    const isRefusal = TunewiseError.is(error) && refusals.has(error.code);
    if (!isRefusal) throw error;
    return null;
  }
}

const refusals: ReadonlySet<string> = new Set(["TEMPLATE_FAILED", "TOKENIZER_TEMPLATE_MISSING"]);

/** Whether two JSON values are equal; the order of keys does not matter. */
export function isSameJson(a: JsonValue, b: JsonValue): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), b as JsonObject];
  return (
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.hasOwn(right, key) && isSameJson(value, right[key] as JsonValue))
  );
}
