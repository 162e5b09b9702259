/**
 * @file Translates a chat template from Jinja to the Go templates of Ollama.
 *
 * A Jinja template is a program, which is not translated as text: it is traced. Conversations with recognizable
 * contents show the literals around systems, users and assistants. What the Go template made of them writes is computed
 * here and compared with the Jinja template on other conversations. Tools and reasoning are not translated.
 *
 * @source ollama/ollama docs/template.md, template/template.go (`.System`, `.Messages`, in which neighbors of one role
 *   are joined)
 */
import type { Message } from "@tunewise/core/rows";
import { TunewiseError } from "../../problem/index.ts";
import type { Tokenizer } from "../../tokenize/index.ts";

/** Literals around the contents of a conversation. */
interface Literals {
  /** Before the first user's turn, if there is no system message. */
  readonly start: string;
  readonly beforeSystem: string;
  readonly afterSystem: string;
  readonly beforeUser: string;
  /** After a user's content, with the header of the answer. */
  readonly afterUser: string;
  readonly afterAssistant: string;
}

/** A translated template and what it lacks, or why there is none. */
export type GoTemplate =
  | { readonly template: string; readonly limits: readonly string[] }
  | { readonly reason: string };

/**
 * Translates the chat template of a tokenizer.
 *
 * @param isBeginAdded whether the runtime adds BOS itself, so that the template must not write it
 */
export function goTemplate(tokenizer: Tokenizer, isBeginAdded: boolean): GoTemplate {
  if (!tokenizer.hasChatTemplate) return { reason: "the model has no chat template" };
  const begin = isBeginAdded && tokenizer.beginId !== null ? tokenizer.decode([tokenizer.beginId]) : "";
  const render = (messages: readonly Message[]): string | null => {
    try {
      const text = tokenizer.render({ messages }, { addGenerationPrompt: true });
      return text.startsWith(begin) ? text.slice(begin.length) : text;
    } catch (error) {
      if (TunewiseError.is(error)) return null;
      throw error;
    }
  };
  const literals = trace(tokenizer, render);
  if (typeof literals === "string") return { reason: literals };
  if (Object.values(literals).some((text) => /\{\{|\}\}|"""/.test(text))) {
    return { reason: "it writes braces or quotation marks that a Go template would read as its own" };
  }
  const other = probes.find((messages) => computed(literals, messages) !== render(messages));
  if (other !== undefined) {
    const roles = other.map(({ role }) => role).join(", ");
    return { reason: `it writes the turns ${roles} otherwise than their order alone explains` };
  }
  const isTrimming = computed(literals, spaced) !== render(spaced);
  return {
    template: written(literals),
    limits: [
      "tools are not translated",
      ...(isTrimming ? ["white space around contents is not removed"] : []),
    ],
  };
}

const system: Message = { role: "system", content: "sYstEm7" };
const users = ["uSer1", "uSer2", "uSer3"].map((content): Message => ({ role: "user", content }));
const answers = ["aNswer1", "aNswer2"].map((content): Message => ({ role: "assistant", content }));
const [first, second, third] = users as [Message, Message, Message];
const [reply, secondReply] = answers as [Message, Message];

/** What the translation is compared on, after the traced conversations. */
const probes: readonly (readonly Message[])[] = [
  [first],
  [system, first],
  [first, reply, second],
  [system, first, reply, second],
  [first, reply, second, secondReply, third],
  [system, first, reply, second, secondReply, third],
  [{ role: "user", content: "Ends with a question?\nAnd a second line: <b>&amp;</b>" }],
];

const spaced: readonly Message[] = [{ role: "user", content: "  spaces \n" }, reply, second];

/** The literals, or why there are none. */
function trace(
  tokenizer: Tokenizer,
  render: (messages: readonly Message[]) => string | null,
): Literals | string {
  const plain = around(render([first, reply, second]), [first, reply, second]);
  if (plain === null) return "it refuses or changes the turns of a conversation";
  const [opening, between, closing, ending] = plain as [string, string, string, string];
  if (between !== ending) return "it writes answers in the history otherwise than new ones";
  const beforeUser = commonEnd(tokenizer, opening, closing);
  const withSystem = around(render([system, first]), [system, first]);
  if (withSystem === null) return "it refuses a system message, or moves it into a user's turn";
  const [beforeSystem, toUser] = withSystem as [string, string];
  if (!toUser.endsWith(beforeUser)) return "it moves a system message into a user's turn";
  return {
    start: opening.slice(0, opening.length - beforeUser.length),
    beforeSystem,
    afterSystem: toUser.slice(0, toUser.length - beforeUser.length),
    beforeUser,
    afterUser: between,
    afterAssistant: closing.slice(0, closing.length - beforeUser.length),
  };
}

/** The texts before, between and after contents, in order; `null` if one is missing or appears twice. */
function around(text: string | null, messages: readonly Message[]): string[] | null {
  if (text === null) return null;
  const parts: string[] = [];
  let rest = text;
  for (const { content } of messages) {
    const [before = "", ...others] = rest.split(content);
    if (others.length !== 1) return null;
    parts.push(before);
    rest = others[0] as string;
  }
  return [...parts, rest];
}

/** The common end of two texts, which begins at a token: a cut inside of one would be right, but hard to read. */
function commonEnd(tokenizer: Tokenizer, a: string, b: string): string {
  const [ours, theirs] = [a, b].map((text) => tokenizer.encode(text, { addSpecialTokens: false })) as [
    number[],
    number[],
  ];
  let count = 0;
  while (count < Math.min(ours.length, theirs.length) && ours.at(-1 - count) === theirs.at(-1 - count))
    count++;
  const end = count === 0 ? "" : tokenizer.decode(ours.slice(-count));
  return a.endsWith(end) && b.endsWith(end) ? end : "";
}

/** What Ollama computes from the written template. */
function computed(literals: Literals, messages: readonly Message[]): string {
  const { start, beforeSystem, afterSystem, beforeUser, afterUser, afterAssistant } = literals;
  const turns: Readonly<Record<string, readonly [string, string]>> = {
    system: [beforeSystem, afterSystem],
    user: [beforeUser, afterUser],
    assistant: ["", afterAssistant],
  };
  const texts = messages.map(({ role, content }) => {
    const [before, after] = turns[role] as readonly [string, string];
    return `${before}${content}${after}`;
  });
  return (messages.some(({ role }) => role === "system") ? "" : start) + texts.join("");
}

function written(literals: Literals): string {
  const { start, beforeSystem, afterSystem, beforeUser, afterUser, afterAssistant } = literals;
  const opening = start === "" ? "" : `{{ if not .System }}${start}{{ end }}`;
  return (
    `${opening}{{ range .Messages }}` +
    `{{ if eq .Role "system" }}${beforeSystem}{{ .Content }}${afterSystem}` +
    `{{ else if eq .Role "user" }}${beforeUser}{{ .Content }}${afterUser}` +
    `{{ else if eq .Role "assistant" }}{{ .Content }}${afterAssistant}{{ end }}{{ end }}`
  );
}
