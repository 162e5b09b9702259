/**
 * @file Learns the syntax of calls by tracing a chat template: probes with recognizable names and values show the fixed
 * texts around them.
 */
import type { JsonObject } from "@tunewise/core/rows";
import { sharedEnd, sharedStart } from "./atoms.ts";
import { coreOf, type FoundCore, keyedForm } from "./learn-form.ts";
import { parseToolCalls } from "./parser.ts";
import {
  firstCall,
  marks,
  type ProbeCall,
  Prober,
  type ProbeStyle,
  probeStyles,
  probeTools,
  type Renderer,
  renderedOrNull,
} from "./probe.ts";
import { literalsOf, type ReasoningSyntax, type ToolCallSyntax } from "./syntax.ts";

const learned = new WeakMap<Renderer, ToolCallSyntax | null>();

/**
 * The syntax in which a model writes calls, inferred from its chat template; `null` if the template does not write
 * names and arguments of calls. Cached per tokenizer.
 *
 * @throws {TunewiseError} `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`
 */
export function learnToolCallSyntax(tokenizer: Renderer): ToolCallSyntax | null {
  const known = learned.get(tokenizer);
  if (known !== undefined) return known;
  const syntax = traceSyntax(tokenizer);
  learned.set(tokenizer, syntax);
  return syntax;
}

/**
 * Whether definitions of tools reach the prompt.
 *
 * @throws {TunewiseError} `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`
 */
export function rendersTools(tokenizer: Renderer): boolean {
  const messages = [{ role: "user", content: "Hi" }] as const;
  const prompt = renderedOrNull(tokenizer, { messages, tools: probeTools }, true);
  return prompt?.includes(marks.tool) === true && prompt.includes(marks.description);
}

const twoArguments: JsonObject = { kqa: 731001, kqb: 731002 };
const second: ProbeCall = { id: marks.otherId, name: marks.otherTool, arguments: { kqc: 731003 } };

function traceSyntax(renderer: Renderer): ToolCallSyntax | null {
  const prober = new Prober(renderer);
  const call = firstCall(twoArguments);
  for (const style of probeStyles) {
    const turn = prober.turn([call], style);
    const core = turn && coreOf(turn.text, 0, call);
    const syntax = turn && core && syntaxOf(prober, style, core, turn.text, turn.lead);
    if (turn && core) return syntax && isReadBack(turn.text, syntax, call) ? syntax : null;
  }
  return null;
}

/** Whether the call of a probe is read as it was given. */
function isReadBack(text: string, syntax: ToolCallSyntax, call: ProbeCall): boolean {
  const { reasoning } = syntax;
  // a probe may begin behind reasoning that the prompt opens
  const isBehind = reasoning?.isOpenInPrompt === true && !text.includes(reasoning.close.trim());
  const answer = isBehind ? reasoning.close + text : text;
  const [found] = parseToolCalls(answer, syntax, probeTools).toolCalls;
  const given = Object.entries(found?.arguments ?? {}).map(([key, value]) => [key, String(value)]);
  const expected = Object.entries(call.arguments).map(([key, value]) => [key, String(value)]);
  return found?.name === call.name && JSON.stringify(given) === JSON.stringify(expected);
}

function syntaxOf(
  prober: Prober,
  style: ProbeStyle,
  core: FoundCore,
  text: string,
  lead: string,
): ToolCallSyntax | null {
  const reasoning = reasoningOf(prober, style, text.slice(0, core.start));
  const preamble = preambleOf(lead, reasoning);
  const around = textsAround(prober, style, core, text, preamble);
  const form = core.form ?? keyedForm(prober, style, core, text, around.after);
  if (form === null) return null;
  const after =
    form.kind === "keyed" && around.after.startsWith(form.afterValue)
      ? around.after.slice(form.afterValue.length)
      : around.after;
  const withContent =
    prober.turn([firstCall(twoArguments)], style, { content: marks.textBefore })?.text ?? "";
  const [content, name] = [withContent.indexOf(marks.textBefore), withContent.indexOf(marks.tool)];
  const syntax = {
    preamble,
    ...around,
    form,
    after,
    followsText: content >= 0 && content < name,
    takesText: style.takesText,
    reasoning,
  };
  return { ...syntax, literals: literalsOf(syntax) };
}

/** The texts around one call and between two. */
function textsAround(
  prober: Prober,
  style: ProbeStyle,
  core: FoundCore,
  text: string,
  preamble: string,
): Pick<ToolCallSyntax, "open" | "before" | "after" | "separator" | "close" | "hasSeveral"> {
  const begin = text.startsWith(preamble) ? preamble.length : 0;
  const start = text.slice(begin, core.start);
  const rest = text.slice(core.end);
  const two = prober.turn([firstCall(twoArguments), second], style)?.text ?? "";
  const first = coreOf(two, 0, firstCall(twoArguments));
  const other = first && coreOf(two, first.end, second);
  if (!first || !other) {
    const end = rest.endsWith(prober.turnEnd) ? prober.turnEnd : sharedEnd(rest, prober.turnEnd);
    const after = style.hasResults ? "" : rest.slice(0, rest.length - end.length);
    return { open: start, before: "", after, separator: "", close: "", hasSeveral: false };
  }
  const between = two.slice(first.end, other.start);
  const before = sharedEnd(start, between);
  const beforeNext = between.slice(0, between.length - before.length);
  const after = sharedStart(rest, beforeNext);
  return {
    open: start.slice(0, start.length - before.length),
    before,
    after,
    separator: beforeNext.slice(after.length),
    close: closeOf(two.slice(other.end), after, prober.turnEnd),
    hasSeveral: true,
  };
}

/** What a turn ends with after its last call, without the end of every turn. */
function closeOf(rest: string, after: string, turnEnd: string): string {
  if (!rest.startsWith(after)) return "";
  const close = rest.slice(after.length);
  return close.slice(0, close.length - sharedEnd(close, turnEnd).length);
}

/** The texts around reasoning, from a plain turn and one with a call, as far as the template writes it there. */
function reasoningOf(prober: Prober, style: ProbeStyle, opening: string): ReasoningSyntax | null {
  const call = firstCall(twoArguments);
  const plain = prober.reasoned();
  const calling = prober.turn([call], style, { reasoning: marks.reasoning })?.full ?? "";
  const written = [plain, calling].find((text) => text.includes(marks.reasoning));
  if (written === undefined) return null;
  const beforeText = between(plain, marks.reasoning, marks.text);
  const beforeCall = between(calling, marks.reasoning, marks.tool);
  const shared = sharedStart(beforeText ?? beforeCall ?? "", beforeCall ?? beforeText ?? "");
  const close = opening !== "" && shared.endsWith(opening) ? shared.slice(0, -opening.length) : shared;
  const open = prober.openingBefore(written, marks.reasoning);
  if (close.trim() === "" || open === "") return null;
  return { open, close, isOpenInPrompt: prober.prompt?.trimEnd().endsWith(open.trim()) === true };
}

/** The text between two marks; `null` if they are not there in this order. */
function between(text: string, mark: string, next: string): string | null {
  const from = text.indexOf(mark);
  const until = from < 0 ? -1 : text.indexOf(next, from);
  return until < 0 ? null : text.slice(from + mark.length, until);
}

/** What every turn begins with before its text or calls: an empty reasoning, or the end of one. */
function preambleOf(lead: string, reasoning: ReasoningSyntax | null): string {
  if (reasoning === null) return "";
  const close = reasoning.close.trim();
  const at = lead.indexOf(close);
  if (at < 0) return reasoning.isOpenInPrompt ? reasoning.close : "";
  const [space = ""] = /^\s*/.exec(lead.slice(at + close.length)) ?? [];
  return lead.slice(0, at + close.length + space.length);
}
