/** @file Free text of an answer, byte by byte, up to the text with which a call begins. */
import { problem } from "../problem/index.ts";
import { atomsOf, commonReasoning, isMarker, openingsOf, type ToolCallSyntax } from "../tokenize/index.ts";

/** Where calls of an answer begin. Texts are bytes, one per character. */
export interface Introduction {
  /** Texts that begin a call as soon as they are complete. */
  readonly triggers: readonly string[];
  /** What the template writes from the first byte of a trigger to a call's name, as text. */
  readonly leads: readonly string[];
  /** Whether a call can only begin the answer, or follow its reasoning. */
  readonly isWholeAnswer: boolean;
  readonly reasoning: { readonly open: string; readonly close: string; readonly isOpenInPrompt: boolean };
}

/**
 * Finds what begins a call in a syntax. A marker such as `<tool_call>` begins one alone, since the parser takes what
 * deviates behind it for a malformed call.
 *
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED` if a call begins like any text
 */
export function introductionOf(syntax: ToolCallSyntax): Introduction {
  const { open, close, isOpenInPrompt } = syntax.reasoning ?? commonReasoning;
  const reasoning = { open: bytesOf(open.trim()), close: bytesOf(close.trim()), isOpenInPrompt };
  const openings = openingsOf(syntax).map((text) => text.trimStart());
  if (openings.length === 0) {
    const [trigger, lead] = wholeAnswer(syntax);
    return { triggers: [bytesOf(trigger)], leads: [lead], isWholeAnswer: true, reasoning };
  }
  const triggers = openings.map((opening) => {
    const [first = ""] = atomsOf(opening);
    return bytesOf(isMarker(first) ? first : opening.trimEnd());
  });
  return { triggers: [...new Set(triggers)], leads: openings, isWholeAnswer: false, reasoning };
}

/** A call that nothing introduces begins with the brace of its object. */
function wholeAnswer({ open, before, form }: ToolCallSyntax): [trigger: string, lead: string] {
  const lead = (open + before).trimStart();
  const [first] = form.kind === "object" ? form.parts : [];
  if (first?.kind === "text" && first.text.startsWith("{")) return [`${lead}{`, lead];
  throw problem("SCHEMA_UNSUPPORTED", {
    place: "#/tools",
    found: "cannot be kept to by this model, whose calls begin like any text",
  });
}

function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** A position in free text. Equal positions are the same object. */
export interface FreeState {
  /** The position behind a byte, or the trigger that the byte completes. */
  after(byte: number): FreeState | string;
}

/** `start`: white space so far, or the beginning of a text that only counts there. `rest`: no call can begin. */
type Stage = "start" | "behind-reasoning" | "reasoning" | "text" | "rest";

/** The position before an answer. */
export function freeText({ triggers, isWholeAnswer, reasoning }: Introduction): FreeState {
  const states = new Map<string, FreeState>();
  const stateOf = (stage: Stage, tail: string): FreeState => {
    const key = `${stage} ${tail}`;
    const known = states.get(key) ?? stateAt(stage, tail);
    states.set(key, known);
    return known;
  };
  const stateAt = (stage: Stage, tail: string): FreeState => {
    const next: (FreeState | string | undefined)[] = [];
    return {
      after: (byte) => {
        next[byte] ??= step(stage, tail + String.fromCharCode(byte));
        return next[byte] as FreeState | string;
      },
    };
  };
  /** @param text the relevant end of the text so far */
  const step = (stage: Stage, text: string): FreeState | string => {
    if (stage === "rest") return stateOf("rest", "");
    if (stage === "reasoning") {
      if (!text.endsWith(reasoning.close)) return stateOf("reasoning", pending(text, [reasoning.close]));
      return stateOf("behind-reasoning", "");
    }
    if (stage === "text") {
      const found = triggers.find((trigger) => text.endsWith(trigger));
      return found ?? stateOf("text", pending(text, triggers));
    }
    const begun = text.trimStart();
    const found = triggers.find((trigger) => begun === trigger);
    if (found !== undefined) return found;
    if (stage === "start" && begun === reasoning.open) return stateOf("reasoning", "");
    const starts = stage === "start" ? [...triggers, reasoning.open] : triggers;
    if (starts.some((one) => one.startsWith(begun))) return stateOf(stage, begun);
    return isWholeAnswer ? stateOf("rest", "") : step("text", begun);
  };
  return stateOf(reasoning.isOpenInPrompt ? "reasoning" : "start", "");
}

/** The longest end of a text with which one of the given texts may begin. */
function pending(text: string, of: readonly string[]): string {
  const longest = Math.max(...of.map(({ length }) => length)) - 1;
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (of.some((one) => one.startsWith(end))) return end;
  }
  return "";
}
