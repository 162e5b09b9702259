/** @file Lowers Go's calls to the common syntax. Tests and string building get common forms. */
import { anyOf } from "../engine/language.ts";
import type { Argument, Expr } from "../engine/syntax.ts";
import { type Node, sourceOf } from "../engine/tree.ts";
import {
  callAt,
  child,
  codeOf,
  type Lowering,
  lowerExpression,
  memberAt,
  nameAt,
  operationAt,
} from "./make.ts";
import { printed } from "./printf.ts";

/** A call. */
export function goCall(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const [called] = codeOf(node);
  const list = child(node, "argument_list");
  const args = codeOf(list)
    .filter(({ kind }) => !/_type$/.test(kind))
    .map((one): Argument => {
      const value = lowerExpression(at, one);
      return one.kind === "variadic_argument" ? { value, spread: true } : { value };
    });
  const values = args.map(({ value }) => value);
  if (called?.kind === "selector_expression") {
    const source = sourceOf(at.tree, called).slice(0, 100);
    const made =
      known(node, source, values) ??
      (source.startsWith("regexp.") ? undefined : searched(at, node, called, values));
    if (made !== undefined) return made;
  }
  return { kind: "call", callee: lowerExpression(at, called), args, start, end };
}

/** Functions of `strings`, lowered to methods of the text. */
const methods: Readonly<Record<string, string>> = {
  "strings.HasPrefix": "startsWith",
  "strings.HasSuffix": "endsWith",
  "strings.Replace": "replace",
  "strings.ReplaceAll": "replace",
  "strings.TrimSpace": "trim",
  "strings.ToLower": "lower",
  "strings.ToUpper": "upper",
  "strings.Trim": "trim",
  "strings.TrimPrefix": "trim",
  "strings.TrimSuffix": "trim",
  "strings.TrimLeft": "trim",
  "strings.TrimRight": "trim",
};

function known(node: Node, source: string, args: readonly Expr[]): Expr | undefined {
  const [first, second] = args;
  if (first === undefined) return undefined;
  if (/^fmt\.(Sprintf|Errorf)$/.test(source)) return printed(node, first, args.slice(1));
  if (/^fmt\.Fprintf$/.test(source) && second !== undefined) {
    const text = printed(node, second, args.slice(2));
    return callAt(node, memberAt(node, nameAt(node, "fmt"), "Fprint"), [first, text]);
  }
  if (/^fmt\.(Sprint|Sprintln)$/.test(source)) return operationAt(node, "+", args);
  if (second === undefined)
    return Object.hasOwn(methods, source) ? method(node, source, first, []) : undefined;
  if (source === "strings.Contains" || source === "strings.ContainsAny" || source === "strings.ContainsRune")
    return operationAt(node, "in", [second, first]);
  if (source === "slices.Contains") return operationAt(node, "in", [second, first]);
  if (source === "strings.EqualFold") return operationAt(node, "==", [first, second]);
  if (source === "regexp.MatchString") return callAt(node, nameAt(node, "search"), [first, second]);
  return Object.hasOwn(methods, source) ? method(node, source, first, args.slice(1)) : undefined;
}

function method(node: Node, source: string, object: Expr, args: readonly Expr[]): Expr {
  return callAt(node, memberAt(node, object, methods[source] ?? ""), args);
}

/** `pattern.MatchString(x)`, `pattern.ReplaceAllString(x, y)`. */
function searched(at: Lowering, node: Node, called: Node, args: readonly Expr[]): Expr | undefined {
  const inner = codeOf(called);
  const word = sourceOf(at.tree, inner.at(-1) ?? called).slice(0, 60);
  const [first, second] = args;
  if (first === undefined) return undefined;
  if (/^Match(String)?$/.test(word))
    return callAt(node, memberAt(node, lowerExpression(at, inner[0]), "search"), [first]);
  if (/^ReplaceAll(Literal)?String$/.test(word) && second !== undefined) {
    const pattern = lowerExpression(at, inner[0]);
    return callAt(node, memberAt(node, nameAt(node, "re"), "sub"), [pattern, second, first]);
  }
  return undefined;
}

/** Functions that write what they read into the target of a pointer argument. */
const fillers = anyOf(
  /^(Decode|Unmarshal|BindJSON|ShouldBindJSON|Bind|ShouldBind|ShouldBindQuery|BindQuery)$/,
  /^(BodyParser|QueryParser|Scan|Scanln|Scanf|DecodeJSON|ReadJSON|ShouldBindUri)$/,
);

/** `Decode(&x)`: x is the call's result. Returns the variable and the value. */
export function filledByCall(at: Lowering, node: Node): { target: Expr; value: Expr } | undefined {
  if (node.kind !== "call_expression") return undefined;
  const [called] = codeOf(node);
  if (called === undefined) return undefined;
  const source = sourceOf(at.tree, called).slice(0, 200);
  if (
    !fillers.test(source.slice(source.lastIndexOf(".") + 1)) ||
    /\b(rows?|result|QueryRow\(.{0,100}\))\.Scan$/.test(source)
  )
    return undefined;
  const list = codeOf(child(node, "argument_list"));
  const pointer = list.find(({ kind, start }) => kind === "unary_expression" && at.tree.text[start] === "&");
  const target = pointer === undefined ? undefined : codeOf(pointer)[0];
  if (target?.kind !== "identifier") return undefined;
  const isQuery = /\.(Scan)$/.test(source) && !/^fmt\./.test(source);
  if (isQuery) return undefined;
  const rest = list.filter((one) => one !== pointer).map((one) => lowerExpression(at, one));
  return { target: lowerExpression(at, target), value: callAt(node, lowerExpression(at, called), rest) };
}
