/** @file Lowers C#'s variables to the common syntax: declarations, and assignments within expressions. */
import type { Statement } from "../engine/syntax.ts";
import { behind, type Node, sourceOf } from "../engine/tree.ts";
import { valueOfType } from "./csharp-calls.ts";
import { isBufferType, isObjectType, simpleType } from "./csharp-names.ts";
import { assignAt, callAt, child, codeOf, type Lowering, lowerExpression, nameAt } from "./make.ts";

/** Lowers declared variables. Without a value, a variable is known by its type. */
export function declared(at: Lowering, node: Node | undefined): Statement[] {
  if (node === undefined) return [];
  const [typed] = codeOf(node);
  const type = typed === undefined ? "" : simpleType(sourceOf(at.tree, typed));
  return codeOf(node)
    .filter(({ kind }) => kind === "variable_declarator")
    .flatMap((declarator): Statement[] => {
      const [name] = codeOf(declarator);
      const value = behind(declarator, "=");
      if (name === undefined) return [];
      return [...given(at, value), ...variable(at, declarator, name, type, value)];
    });
}

/** Lowers a variable or field with its initial value. */
export function variable(
  at: Lowering,
  span: Node,
  name: Node,
  type: string,
  value: Node | undefined,
): Statement[] {
  const { start, end } = span;
  if (
    isBufferType(type) ||
    /^new\s{1,9}(System\.Text\.)?StringBuilder\b/.test(value === undefined ? "" : headOf(at, value))
  )
    at.noted.add(`buffer ${sourceOf(at.tree, name)}`);
  const target = lowerExpression(at, name);
  const isOpen = value === undefined || value.kind === "null_literal" || value.kind === "default_expression";
  if (isOpen && !isObjectType(type)) return [];
  const held = isOpen ? nameAt(span, type) : valueOfType(at, value, type);
  return [{ kind: "assign", target, value: held, type, start, end }];
}

function headOf(at: Lowering, node: Node): string {
  return at.tree.text.slice(node.start, Math.min(node.end, node.start + 60));
}

/** Assignments within an expression: `(line = Read()) != null`, `out var n`, `x is string s`. */
export function given(at: Lowering, node: Node | undefined): Statement[] {
  const found: Statement[] = [];
  const waiting = node === undefined ? [] : [node];
  for (let count = 0; waiting.length > 0 && count < 150; count++) {
    const next = waiting.pop();
    if (next === undefined) break;
    const made = bindingOf(at, next);
    if (made !== undefined) found.unshift(made);
    waiting.push(
      ...next.children.filter(({ named, kind }) => named && !/lambda|anonymous_method|^block$/.test(kind)),
    );
  }
  return found;
}

function bindingOf(at: Lowering, node: Node): Statement | undefined {
  const inner = codeOf(node);
  const [first, second] = inner;
  if (
    node.kind === "assignment_expression" &&
    second !== undefined &&
    first?.kind !== "element_binding_expression"
  ) {
    // property initializers are reported where the object is created
    return first?.kind === "identifier" && isInitializer(at, node)
      ? undefined
      : assignAt(node, lowerExpression(at, first), lowerExpression(at, second));
  }
  if (node.kind === "is_pattern_expression" && second?.kind === "declaration_pattern") {
    const name = codeOf(second).at(-1);
    return name?.kind === "identifier"
      ? assignAt(second, lowerExpression(at, name), lowerExpression(at, first))
      : undefined;
  }
  if (node.kind !== "invocation_expression") return undefined;
  const list = codeOf(child(node, "argument_list"));
  const out = list.map((one) => codeOf(one).at(-1)).find((one) => one?.kind === "declaration_expression");
  const name = out === undefined ? undefined : codeOf(out).at(-1);
  if (name?.kind !== "identifier") return undefined;
  const value = lowerExpression(at, node);
  return assignAt(
    name,
    lowerExpression(at, name),
    isParsing(at, first) ? callAt(node, nameAt(node, "!number"), [value]) : value,
  );
}

/** Whether an assignment is in an object initializer: `{ A = b, C = d }`. */
function isInitializer(at: Lowering, node: Node): boolean {
  return /[{,]\s{0,200}$/.test(at.tree.text.slice(Math.max(0, node.start - 200), node.start));
}

const parsed =
  /^(int|long|short|byte|uint|ulong|double|float|decimal|bool|Guid|DateTime|TimeSpan|Enum|Int\d\d)\.TryParse/;

function isParsing(at: Lowering, callee: Node | undefined): boolean {
  return callee !== undefined && parsed.test(headOf(at, callee));
}
