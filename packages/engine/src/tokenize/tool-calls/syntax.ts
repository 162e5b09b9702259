/** @file The syntax in which a model writes calls of tools, as data. Learned from its chat template. */

/** A part of a call beside its arguments: fixed text, the tool's name, or the call's id. */
export type CallPart = { readonly kind: "text"; readonly text: string } | { readonly kind: "name" | "id" };

/** A call as a JSON object: `{"name": "f", "arguments": {...}}`. */
export interface ObjectForm {
  readonly kind: "object";
  /** Keys that lead to the arguments. */
  readonly argumentsPath: readonly string[];
  /** Keys that lead to the name; `null`: the last key of `argumentsPath` is the name, as in `{"f": {...}}`. */
  readonly namePath: readonly string[] | null;
  /** Keys that lead to the call's id; `null`: it is not written. */
  readonly idPath: readonly string[] | null;
  /** Whether the arguments are a JSON text inside a string. */
  readonly isEncoded: boolean;
  /** The object as the template writes it, around name, id and arguments. */
  readonly parts: readonly (CallPart | { readonly kind: "arguments" })[];
}

/** A name, and the arguments as one JSON object or Python dictionary. */
export interface NamedForm {
  readonly kind: "named";
  /** What stands between the call's beginning and its arguments, from the first name or id on. */
  readonly head: readonly CallPart[];
  readonly language: "json" | "python";
}

/** A name, and the arguments one by one. */
export interface KeyedForm {
  readonly kind: "keyed";
  readonly head: readonly CallPart[];
  /** Between head and first argument; also written without arguments. */
  readonly open: string;
  /** Before a key, between key and value, after a value, and between two arguments. */
  readonly beforeKey: string;
  readonly afterKey: string;
  readonly afterValue: string;
  readonly separator: string;
  /** Around texts; empty: texts are written as they are, and only a schema says what is text. */
  readonly quotes: readonly [open: string, close: string];
  /** Whether texts have escapes with a backslash. */
  readonly hasEscapes: boolean;
  /** Whether constants are `True`, `False` and `None` instead of `true`, `false` and `null`. */
  readonly isPython: boolean;
}

/** The way one call is written. */
export type CallForm = ObjectForm | NamedForm | KeyedForm;

/** The texts around a model's reasoning. */
export interface ReasoningSyntax {
  readonly open: string;
  readonly close: string;
  /** Whether the generation prompt ends with `open`, so that answers begin inside. */
  readonly isOpenInPrompt: boolean;
}

/** The syntax of a model's calls: `open (before form after) separator (before form after) ... close`. */
export interface ToolCallSyntax {
  /** What the template writes between the generation prompt and `open`, such as an empty reasoning. */
  readonly preamble: string;
  readonly open: string;
  readonly before: string;
  readonly form: CallForm;
  readonly after: string;
  readonly separator: string;
  readonly close: string;
  /** Whether several calls fit into one turn. */
  readonly hasSeveral: boolean;
  /** Whether calls may follow text; otherwise they are the whole answer. */
  readonly followsText: boolean;
  /** Whether the template requires arguments as a JSON text instead of an object. */
  readonly takesText: boolean;
  readonly reasoning: ReasoningSyntax | null;
  /**
   * The fixed texts of the syntax. Special tokens that they contain belong to calls, so `decode` and `stream` keep them
   * if the texts are given as `keep`.
   */
  readonly literals: readonly string[];
}

/** Reasoning of models whose template writes none. @source the form of DeepSeek-R1, Qwen3 and others */
export const commonReasoning: ReasoningSyntax = {
  open: "<think>",
  close: "</think>",
  isOpenInPrompt: false,
};

/** Fewest characters of a text that introduces calls wherever it appears. */
const MIN_OPENING = 3;

/**
 * The texts that introduce calls wherever they appear, with the white space around them; none if a call can only be the
 * whole answer.
 */
export function openingsOf({ open, before }: Pick<ToolCallSyntax, "open" | "before">): string[] {
  return [open + before, ...(open.trim() === "" ? [] : [before])].filter(
    (text) => text.trim().length >= MIN_OPENING,
  );
}

/** Collects the fixed texts of a syntax. */
export function literalsOf({
  open,
  before,
  form,
  after,
  separator,
  close,
  reasoning,
}: Omit<ToolCallSyntax, "literals">): string[] {
  const parts = form.kind === "object" ? form.parts : form.head;
  const own = parts.flatMap((part) => (part.kind === "text" ? [part.text] : []));
  const keyed =
    form.kind === "keyed"
      ? [form.open, form.beforeKey, form.afterKey, form.afterValue, form.separator, ...form.quotes]
      : [];
  const around = reasoning ? [reasoning.open, reasoning.close] : [];
  const all = [open + before, after, separator + before, close, after + close, ...own, ...keyed, ...around];
  return [...new Set(all)].filter((text) => text.trim() !== "");
}
