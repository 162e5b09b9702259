/** @file Templates of the `printf` family, filled with their arguments. */
import type { Expr, Span } from "../engine/syntax.ts";
import { callAt, constantText, memberAt, nameAt } from "./make.ts";

const place = /%(?:(\d{1,3})\$)?[-+ #0,(']{0,6}\d{0,5}(?:\.\d{1,5})?([a-zA-Z%])/g;

/** Marks a placeholder that accepts only a number. The cleaners of each language contain it. */
export const numberPlace = "!number";

/** Fills a constant template with the arguments; otherwise a call of `.format` on the template. */
export function printed(span: Span, template: Expr | undefined, args: readonly Expr[]): Expr {
  const { start, end } = span;
  const text = constantText(template);
  if (template?.kind === "text" && text === undefined) return printedMixed(span, template, args);
  if (template === undefined) return { kind: "other", parts: [...args], start, end };
  if (text === undefined) return callAt(span, memberAt(span, template, "format"), args);
  const pieces: (string | Expr)[] = [];
  let from = 0;
  let next = 0;
  for (const found of text.matchAll(place)) {
    pieces.push(text.slice(from, found.index));
    from = found.index + found[0].length;
    const [, position, verb = ""] = found;
    if (verb === "%") {
      pieces.push("%");
      continue;
    }
    const value = position === undefined ? args[next++] : args[Number(position) - 1];
    if (value === undefined) continue;
    pieces.push(/[dDuxXobeEfFgG]/.test(verb) ? callAt(value, nameAt(value, numberPlace), [value]) : value);
  }
  pieces.push(text.slice(from));
  return { kind: "text", pieces: pieces.filter((one) => one !== ""), start, end };
}

/** Fills a template that contains variables: `sprintf("$name = %d", $x)`. */
function printedMixed(span: Span, { pieces }: Expr & { kind: "text" }, args: readonly Expr[]): Expr {
  const all: (string | Expr)[] = [];
  let next = 0;
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      all.push(piece);
      continue;
    }
    const taken = [...piece.matchAll(place)].filter(([, , verb]) => verb !== "%").length;
    const part = printed(
      span,
      { kind: "text", pieces: [piece], start: span.start, end: span.end },
      args.slice(next),
    );
    next += taken;
    if (part.kind === "text") all.push(...part.pieces);
  }
  return { kind: "text", pieces: all, start: span.start, end: span.end };
}
