/** @file Reads text and calls of tools from the tokens of an answer, as they arrive. */
import type { JsonObject } from "@tunewise/core/rows";
import type { TokenConstraint } from "@tunewise/engine";
import {
  callTokens,
  createToolCallParser,
  learnToolCallSyntax,
  rendersTools,
  type Tokenizer,
  type ToolCallEvent,
  type ToolCallSyntax,
} from "@tunewise/engine/tokenize";
import { problem } from "../../problem/index.ts";
import { callConstraint } from "../../scoring/index.ts";
import type { AnswerEvent, OfferedTools } from "./question.ts";

/** Turns the tokens of an answer into events. */
export interface AnswerReader {
  /** Newly completed characters. */
  textOf(token: number): string;
  /** The rest of the characters, after the last token. */
  restOfText(): string;
  /** Events of a piece of the answer; `isLast`: with what was held back. */
  read(text: string, isLast: boolean): AnswerEvent[];
  /** Whether the answer may not continue. */
  readonly isComplete: boolean;
}

/** A reader of plain text. */
export function textReader(tokenizer: Tokenizer): AnswerReader {
  const stream = tokenizer.stream();
  return {
    textOf: (token) => stream.add(token),
    restOfText: () => stream.end(),
    read: (text) => (text === "" ? [] : [{ kind: "text-added", text, tokens: [] }]),
    isComplete: false,
  };
}

/**
 * A reader of text and calls, in the syntax of the model's chat template.
 *
 * @throws {TunewiseError} `TOOLS_UNSUPPORTED`
 */
export function callReader(tokenizer: Tokenizer, { definitions, isParallel }: OfferedTools): AnswerReader {
  const syntax = syntaxOf(tokenizer);
  const special = callTokens(tokenizer, syntax);
  const stream = tokenizer.stream({ keep: new Set(special.keys()) });
  const parser = createToolCallParser(syntax, definitions);
  let isComplete = false;
  return {
    textOf: (token) => stream.add(token),
    restOfText: () => stream.end(),
    get isComplete(): boolean {
      return isComplete;
    },
    read(text, isLast): AnswerEvent[] {
      const found = [...parser.push(text), ...(isLast ? parser.end() : [])];
      const end = isParallel ? -1 : found.findIndex(({ kind }) => kind === "call-end");
      isComplete = end >= 0;
      return (isComplete ? found.slice(0, end + 1) : found).flatMap((event) => eventOf(event, special));
    },
  };
}

/**
 * The constraint of an answer that must call a tool; `null` if it need not.
 *
 * @throws {TunewiseError} `TOOLS_UNSUPPORTED`, `SCHEMA_UNSUPPORTED`, `CONSTRAINT_TOKENIZER`
 */
export function requiredCalls(
  tokenizer: Tokenizer,
  { definitions, isParallel, required }: OfferedTools,
): TokenConstraint | null {
  if (required === undefined) return null;
  const callable = definitions.filter(
    (tool) => required === "any" || (tool["function"] as JsonObject)["name"] === required.name,
  );
  return callConstraint(tokenizer, syntaxOf(tokenizer), callable, isParallel && required === "any");
}

/** The syntax of calls of a model that can be offered tools. */
function syntaxOf(tokenizer: Tokenizer): ToolCallSyntax {
  const syntax = learnToolCallSyntax(tokenizer);
  if (syntax === null) throw problem("TOOLS_UNSUPPORTED", { what: "show how calls are written" });
  if (!rendersTools(tokenizer))
    throw problem("TOOLS_UNSUPPORTED", { what: "write the definitions of tools" });
  return syntax;
}

function eventOf(event: ToolCallEvent, special: ReadonlyMap<number, string>): AnswerEvent[] {
  switch (event.kind) {
    case "text": {
      const text = [...special.values()].reduce((rest, token) => rest.replaceAll(token, ""), event.text);
      return text === "" ? [] : [{ kind: "text-added", text, tokens: [] }];
    }
    case "malformed":
      return event.isBegun
        ? [{ kind: "call-broken", text: event.text }]
        : [{ kind: "text-added", text: event.text, tokens: [] }];
    case "call-begin":
      return [{ kind: "call-begin", name: event.name }];
    case "arguments":
      return [{ kind: "arguments-added", text: event.text }];
    default:
      return [{ kind: "call-end" }];
  }
}
