/** @file Parses what a model wrote into text and calls of tools, complete or as it arrives. */
import type { JsonObject, ToolCall } from "@tunewise/core/rows";
import { atomsOf, isMarker } from "./atoms.ts";
import { type CallSink, readCall } from "./read-call.ts";
import { MalformedCall, type Match, pendingLength, TextSource, type Waiting } from "./source.ts";
import { commonReasoning, openingsOf, type ReasoningSyntax, type ToolCallSyntax } from "./syntax.ts";

/** An event of an answer with calls. */
export type ToolCallEvent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "call-begin"; readonly name: string }
  /** A piece of the arguments; the pieces of a call are a JSON object. */
  | { readonly kind: "arguments"; readonly text: string }
  /** The call is complete; its id if the model wrote one. */
  | { readonly kind: "call-end"; readonly id: string | null }
  /**
   * What began like a call does not follow the syntax, and is text. `isBegun`: a `call-begin` without `call-end`
   * preceded it. `reason` completes "the call".
   */
  | { readonly kind: "malformed"; readonly text: string; readonly reason: string; readonly isBegun: boolean };

/** A parser of an answer that arrives in pieces. */
export interface ToolCallParser {
  /** Adds text and returns what is certain now. Text that may still become a call is held back. */
  push(text: string): ToolCallEvent[];
  /** Ends the answer and returns the rest. */
  end(): ToolCallEvent[];
}

/** An answer as text and calls. */
export interface ParsedAnswer {
  /** The text without the calls, and without white space between text and calls. */
  readonly content: string;
  readonly toolCalls: readonly ToolCall[];
  /** Why a text that begins like a call is none, for example "the call is not valid JSON"; `null`: there is none. */
  readonly malformed: string | null;
}

/**
 * Parses an answer. White space may differ from the template's, and JSON may be written in any way; what deviates
 * otherwise stays text and is reported. Calls inside reasoning are text. The time is proportional to the text.
 *
 * @param text decoded with the special tokens of the syntax (`keep: syntax.literals`)
 * @param tools definitions whose schemas give types to arguments that the syntax writes as raw text
 */
export function parseToolCalls(
  text: string,
  syntax: ToolCallSyntax,
  tools: readonly JsonObject[] = [],
): ParsedAnswer {
  const parser = createToolCallParser(syntax, tools);
  let content = "";
  let malformed: string | null = null;
  let current: { readonly name: string; pieces: string[] } | null = null;
  const toolCalls: ToolCall[] = [];
  for (const event of [...parser.push(text), ...parser.end()]) {
    if (event.kind === "text" || event.kind === "malformed") content += event.text;
    if (event.kind === "malformed") malformed ??= `the call ${event.reason}`;
    if (event.kind === "call-begin") current = { name: event.name, pieces: [] };
    if (event.kind === "arguments") current?.pieces.push(event.text);
    if (event.kind !== "call-end" || current === null) continue;
    const { name, pieces } = current;
    const given = JSON.parse(pieces.join("")) as JsonObject;
    toolCalls.push({ ...(event.id !== null && { id: event.id }), name, arguments: given });
  }
  return { content, toolCalls, malformed };
}

/**
 * Creates a parser for an answer that arrives in pieces, with the same result as `parseToolCalls`.
 *
 * @param tools as for `parseToolCalls`
 */
export function createToolCallParser(
  syntax: ToolCallSyntax,
  tools: readonly JsonObject[] = [],
): ToolCallParser {
  const answer = new AnswerParser(syntax, tools);
  const work = answer.run();
  const advance = (): ToolCallEvent[] => {
    work.next();
    return answer.events.splice(0);
  };
  return {
    push(text): ToolCallEvent[] {
      answer.source.text += text;
      return advance();
    },
    end(): ToolCallEvent[] {
      answer.source.isEnded = true;
      return advance();
    },
  };
}

class AnswerParser {
  readonly source = new TextSource();
  readonly events: ToolCallEvent[] = [];
  private readonly syntax: ToolCallSyntax;
  private readonly tools: readonly JsonObject[];
  /** Texts that introduce calls, as atoms; empty: a call can only be the whole answer. */
  private readonly openings: readonly (readonly string[])[];
  /** Whether the openings are ordinary words, so that only a complete beginning of a call makes one. */
  private readonly isUncertain: boolean;
  /** Offsets before which an atom does not occur any more. */
  private readonly searched = new Map<string, number>();
  /** White space that is dropped if a call follows. */
  private space = "";
  private hasCalls = false;

  constructor(syntax: ToolCallSyntax, tools: readonly JsonObject[]) {
    this.syntax = syntax;
    this.tools = tools;
    this.openings = openingsOf(syntax).map((text) => atomsOf(text.trim()));
    this.isUncertain = !this.openings.some((atoms) => atoms.some(isMarker));
  }

  *run(): Waiting<void> {
    yield* this.passReasoning();
    if (this.openings.length === 0) yield* this.readWholeAnswer();
    else while (yield* this.findOpening()) yield* this.readCalls(this.isUncertain);
    this.text(this.source.text);
    if (!this.hasCalls && this.space !== "") this.events.push({ kind: "text", text: this.space });
  }

  /** Emits reasoning at the start of the answer as text. */
  private *passReasoning(): Waiting<void> {
    const reasoning = this.syntax.reasoning ?? commonReasoning;
    if (!(yield* this.isReasoning(reasoning))) return;
    const close = reasoning.close.trim();
    if (!(yield* this.source.until(close, (piece) => this.text(piece)))) return;
    this.text(this.source.take(close.length));
  }

  private *isReasoning({ open, isOpenInPrompt }: ReasoningSyntax): Waiting<boolean> {
    return isOpenInPrompt || typeof (yield* this.source.match(atomsOf(open.trim()))) === "number";
  }

  /** A call that nothing introduces is the whole answer. */
  private *readWholeAnswer(): Waiting<void> {
    const { open, before, form } = this.syntax;
    const opening = yield* this.source.match(atomsOf((open + before).trim()));
    if (typeof opening !== "number") return yield* this.passText();
    this.source.mark();
    this.source.take(opening);
    if (form.kind === "object" && (yield* this.source.next()) !== "{") {
      this.text(this.source.sinceMark());
      return yield* this.passText();
    }
    yield* this.readCalls(true);
    yield* this.passText();
  }

  private *passText(): Waiting<void> {
    do {
      this.text(this.source.take(this.source.text.length));
      this.source.mark();
    } while (yield* this.source.more());
  }

  /** Emits text up to a call, and takes what introduces it; `false` at the end. */
  private *findOpening(): Waiting<boolean> {
    const { source } = this;
    while (true) {
      const found = this.nextOpening();
      const pending = Math.max(...this.openings.map(([first = ""]) => pendingLength(source.text, first)));
      source.mark();
      this.text(source.take(found?.at ?? source.text.length - pending));
      if (found === null) {
        if (yield* source.more()) continue;
        return false;
      }
      source.mark();
      const match = yield* this.matchOpening();
      if (typeof match === "number") {
        source.take(match);
        return true;
      }
      if (match === "cut" && !this.isUncertain) {
        this.malformed("ends inside its beginning", source.take(source.text.length));
        return false;
      }
      const [first = ""] = found.atoms;
      if (isMarker(first))
        this.malformed(`lacks what follows ${JSON.stringify(first)}`, source.take(first.length));
      else this.text(source.take(1));
    }
  }

  /** The first place where a text that introduces calls may begin. */
  private nextOpening(): { readonly at: number; readonly atoms: readonly string[] } | null {
    const places = this.openings.map((atoms) => ({ at: this.find(atoms[0] as string), atoms }));
    return places.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0] ?? null;
  }

  /** The next place of an atom, or -1. No text is searched twice, however often other atoms occur. */
  private find(atom: string): number {
    const { text, offset } = this.source;
    const from = Math.max(0, (this.searched.get(atom) ?? 0) - offset);
    const at = text.indexOf(atom, from);
    this.searched.set(atom, offset + (at >= 0 ? at : Math.max(from, text.length - atom.length + 1)));
    return at;
  }

  /** Compares the text with all openings. */
  private *matchOpening(): Waiting<Match> {
    let best: Match = "different";
    for (const one of this.openings) {
      const match = yield* this.source.match(one);
      if (typeof match === "number") return match;
      if (match === "cut") best = match;
    }
    return best;
  }

  /** Reads calls from behind what introduces the first one. */
  private *readCalls(isUncertain: boolean): Waiting<void> {
    do {
      const isRead = yield* this.readOne(isUncertain);
      if (!isRead) return;
    } while (yield* this.isContinued());
    const { source } = this;
    const close = yield* source.match(atomsOf(this.syntax.close));
    if (close !== "different") source.take(close === "cut" ? source.text.length : close);
  }

  /** @param isUncertain whether the text is only taken for a call once it has a name */
  private *readOne(isUncertain: boolean): Waiting<boolean> {
    const { source, syntax, tools, events } = this;
    let isBegun = false;
    const sink: CallSink = {
      begin: (name) => {
        isBegun = true;
        this.space = "";
        events.push({ kind: "call-begin", name });
      },
      arguments: (text) => events.push({ kind: "arguments", text }),
      end: (id) => events.push({ kind: "call-end", id }),
    };
    try {
      yield* readCall(source, syntax, tools, sink);
    } catch (error) {
      if (!(error instanceof MalformedCall)) throw error;
      if (isUncertain && !isBegun) this.text(source.sinceMark());
      else this.malformed(error.message, source.sinceMark(), isBegun);
      return false;
    }
    this.hasCalls = true;
    source.mark();
    return true;
  }

  private malformed(reason: string, text: string, isBegun = false): void {
    const all = this.space + text;
    this.space = "";
    this.events.push({ kind: "malformed", text: all, reason, isBegun });
  }

  /** Takes what stands between two calls. */
  private *isContinued(): Waiting<boolean> {
    const { source, syntax } = this;
    const between = (syntax.separator + syntax.before).trim();
    if (!syntax.hasSeveral || between === "") return false;
    const match = yield* source.match(atomsOf(between));
    if (typeof match !== "number") return false;
    source.take(match);
    return true;
  }

  /** Emits text, and holds back the white space at its end. */
  private text(piece: string): void {
    const all = this.space + piece;
    const text = all.trimEnd();
    this.space = all.slice(text.length);
    if (text !== "") this.events.push({ kind: "text", text });
  }
}
