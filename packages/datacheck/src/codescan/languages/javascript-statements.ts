/** @file Lowers JavaScript's and TypeScript's statements to the common syntax. */
import type { Expr, Handler, Statement } from "../engine/syntax.ts";
import { behind, hasMark, type Node, part, parts, sourceOf, type Tree } from "../engine/tree.ts";
import { expression, functionMade, type Lowering } from "./javascript-tree.ts";
import { nested } from "./nesting.ts";

/** Lowers a file. */
export function lowerJavascript(tree: Tree): Statement[] {
  return block({ tree, block, depth: 0 }, tree.root);
}

function block(at: Lowering, node: Node | undefined): Statement[] {
  if (node === undefined) return [];
  return nested<Statement[]>(at, [], () => parts(node).flatMap((one) => statement(at, one)));
}

/** Lowers a body: a block or a single statement. */
function body(at: Lowering, node: Node | undefined): Statement[] {
  if (node === undefined) return [];
  if (node.kind === "statement_block") return block(at, node);
  return nested<Statement[]>(at, [], () => statement(at, node));
}

const holders = new Set([
  "ERROR",
  "statement_block",
  "program",
  "class_body",
  "export_clause",
  "internal_module",
  "module",
]);

function statement(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  const inner = parts(node);
  const [first] = inner;
  if (kind === "class_body") return [{ kind: "block", body: members(at, node), start, end }];
  if (holders.has(kind)) return [{ kind: "block", body: block(at, node), start, end }];
  switch (kind) {
    case "expression_statement":
      return first === undefined ? [] : simple(at, first);
    case "lexical_declaration":
    case "variable_declaration":
      return inner.flatMap((one) => declared(at, one));
    case "export_statement":
      return inner.flatMap((one) => (one.kind === "decorator" ? [] : statement(at, one)));
    case "return_statement":
      return [
        { kind: "return", ...(first === undefined ? {} : { value: expression(at, first) }), start, end },
      ];
    case "throw_statement":
    case "break_statement":
    case "continue_statement": {
      const value = kind === "throw_statement" && first !== undefined ? { value: expression(at, first) } : {};
      return [{ kind: "stop", word: kind.replace("_statement", ""), ...value, start, end }];
    }
    case "function_declaration":
    case "generator_function_declaration":
    case "method_definition":
      return [{ kind: "function", made: functionMade(at, node), start, end }];
    case "class_declaration":
    case "class":
    case "abstract_class_declaration":
      return [classMade(at, node)];
    case "public_field_definition":
    case "field_definition":
      return field(at, node);
    case "import_statement":
      return imports(at, node);
    default:
      return compound(at, node, inner);
  }
}

/** Lowers statements that contain others. */
function compound(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const { start, end, kind } = node;
  const [first] = inner;
  switch (kind) {
    case "if_statement": {
      const last = part(node, "else_clause");
      const [, met] = inner;
      const otherwise = last === undefined ? [] : body(at, parts(last)[0]);
      return [{ kind: "if", test: expression(at, first), met: body(at, met), otherwise, start, end }];
    }
    case "for_in_statement": {
      const from = behind(node, hasMark(node, "of") ? "of" : "in");
      const target = inner.find(({ kind: one }) => one === "identifier" || one.endsWith("_pattern"));
      return [
        {
          kind: "loop",
          target: expression(at, target),
          from: expression(at, from),
          body: body(at, inner.at(-1)),
          start,
          end,
        },
      ];
    }
    case "for_statement":
      return [{ kind: "block", body: counted(at, node, inner), start, end }];
    case "while_statement":
      return [{ kind: "loop", test: expression(at, first), body: body(at, inner.at(-1)), start, end }];
    case "do_statement":
      return [{ kind: "loop", body: body(at, first), start, end }];
    case "try_statement":
      return [attempt(at, node)];
    case "switch_statement":
      return [
        { kind: "block", body: cases(at, expression(at, first), part(node, "switch_body")), start, end },
      ];
    case "labeled_statement":
      return body(at, inner.at(-1));
    default:
      return /_statement$|^comment$|^(interface|type_alias|enum|ambient)_declaration$/.test(kind)
        ? []
        : simple(at, node);
  }
}

/** `for (let i = 0; i < n; i++)`. */
function counted(at: Lowering, { start, end }: Node, inner: readonly Node[]): Statement[] {
  const [first, test, step] = inner;
  const tested = inner.length > 2 && test !== undefined ? { test: expression(at, test) } : {};
  const steps = inner.length > 3 && step !== undefined ? simple(at, step) : [];
  return [
    ...(first === undefined ? [] : statement(at, first)),
    { kind: "loop", ...tested, body: [...body(at, inner.at(-1)), ...steps], start, end },
  ];
}

/** Lowers an assignment or an expression statement. */
function simple(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  const [target] = parts(node);
  if (kind === "assignment_expression") {
    const value = behind(node, "=");
    const handler = target?.kind === "member_expression" ? handled(at, target, value) : undefined;
    if (handler !== undefined) return [{ kind: "do", value: handler, start, end }];
    const before = value?.kind === "assignment_expression" ? simple(at, value) : [];
    return [
      ...before,
      { kind: "assign", target: expression(at, target), value: expression(at, value), start, end },
    ];
  }
  if (kind === "augmented_assignment_expression") {
    const operator = node.children.find(({ named }) => !named)?.kind.replace(/=$/, "") ?? "";
    return [
      {
        kind: "assign",
        target: expression(at, target),
        value: expression(at, parts(node).at(-1)),
        operator,
        start,
        end,
      },
    ];
  }
  if (kind === "sequence_expression") return parts(node).flatMap((one) => simple(at, one));
  return [{ kind: "do", value: expression(at, node), start, end }];
}

/** `window.onmessage = f` is `window.addEventListener("message", f)`. */
function handled(at: Lowering, target: Node, value: Node | undefined): Expr | undefined {
  const [, event] = /\bon(message)$/.exec(sourceOf(at.tree, target).slice(-30)) ?? [];
  if (event === undefined || value === undefined) return undefined;
  const { start, end } = target;
  const object = expression(at, parts(target)[0]);
  return {
    kind: "call",
    start,
    end: value.end,
    callee: { kind: "member", object, name: "addEventListener", start, end },
    args: [{ value: { kind: "text", pieces: [event], start, end } }, { value: expression(at, value) }],
  };
}

const functions = new Set(["arrow_function", "function_expression", "generator_function", "function"]);

function declared(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const [target] = parts(node);
  const value = behind(node, "=");
  if (target === undefined || value === undefined) return [];
  const name = target.kind === "identifier" ? sourceOf(at.tree, target) : "";
  if (functions.has(value.kind) && name !== "")
    return [{ kind: "function", made: functionMade(at, value, name), start, end }];
  const made = expression(at, value);
  const isModule = made.kind === "name" && value.kind === "call_expression";
  const pattern = expression(at, target);
  if (isModule && name !== "") return [{ kind: "import", local: name, path: made.name, start, end }];
  if (isModule && pattern.kind === "group") {
    return pattern.entries.flatMap(({ key, value: local }): Statement[] => {
      if (key?.kind !== "text" || local.kind !== "name") return [];
      return [{ kind: "import", local: local.name, path: `${made.name}.${key.pieces.join("")}`, start, end }];
    });
  }
  return [{ kind: "assign", target: pattern, value: made, start, end }];
}

function field(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const name = part(node, "property_identifier", "private_property_identifier");
  const value = behind(node, "=");
  if (name === undefined || value === undefined) return [];
  const word = sourceOf(at.tree, name);
  if (functions.has(value.kind))
    return [{ kind: "function", made: functionMade(at, value, word), start, end }];
  const self: Expr = { kind: "name", name: "this", start, end };
  return [
    {
      kind: "assign",
      target: { kind: "member", object: self, name: word, start, end },
      value: expression(at, value),
      start,
      end,
    },
  ];
}

function classMade(at: Lowering, node: Node): Statement {
  const { start, end } = node;
  const name = part(node, "identifier", "type_identifier");
  return {
    kind: "class",
    name: name === undefined ? "" : sourceOf(at.tree, name),
    bases: [],
    body: members(at, part(node, "class_body")),
    start,
    end,
  };
}

/** Lowers the members of a class. Decorators precede the member they apply to. */
function members(at: Lowering, node: Node | undefined): Statement[] {
  if (node === undefined) return [];
  return nested<Statement[]>(at, [], () => {
    let marks: Expr[] = [];
    return parts(node).flatMap((one): Statement[] => {
      if (one.kind === "decorator") {
        marks.push(expression(at, parts(one)[0]));
        return [];
      }
      const made = statement(at, one).map((each) =>
        each.kind === "function"
          ? { ...each, made: { ...each.made, marks: [...marks, ...each.made.marks] } }
          : each,
      );
      marks = [];
      return made;
    });
  });
}

function attempt(at: Lowering, node: Node): Statement {
  const { start, end } = node;
  const clause = part(node, "catch_clause");
  const last = part(node, "finally_clause");
  const handlers: Handler[] = [];
  if (clause !== undefined) {
    const name = part(clause, "identifier");
    const made = block(at, part(clause, "statement_block"));
    handlers.push({
      name: name === undefined ? "" : sourceOf(at.tree, name),
      caught: "",
      body: made,
      start: clause.start,
      end: clause.end,
    });
  }
  const ends = last === undefined ? [] : block(at, part(last, "statement_block"));
  return { kind: "try", body: block(at, part(node, "statement_block")), handlers, last: ends, start, end };
}

function cases(at: Lowering, subject: Expr, node: Node | undefined): Statement[] {
  if (node === undefined) return [];
  return parts(node).map((one): Statement => {
    const { start, end } = one;
    const isCase = one.kind === "switch_case";
    const inner = parts(one).slice(isCase ? 1 : 0);
    const made = inner.flatMap((each) => statement(at, each));
    const value = expression(at, isCase ? parts(one)[0] : undefined);
    const test: Expr = isCase
      ? { kind: "operation", operator: "==", operands: [subject, value], start, end: value.end }
      : { kind: "other", parts: [], start, end };
    return { kind: "if", test, met: made, otherwise: [], start, end };
  });
}

function imports(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const from = part(node, "string");
  const module =
    from === undefined
      ? ""
      : sourceOf(at.tree, from)
          .slice(1, -1)
          .replace(/^node:/, "");
  const bring = (local: string, path: string): Statement => ({ kind: "import", local, path, start, end });
  const required = part(node, "import_require_clause");
  const local = required === undefined ? undefined : part(required, "identifier");
  if (required !== undefined && local !== undefined) {
    const text = sourceOf(at.tree, part(required, "string") ?? local);
    return [bring(sourceOf(at.tree, local), text.slice(1, -1).replace(/^node:/, ""))];
  }
  const clause = part(node, "import_clause");
  if (clause === undefined) return [bring("", module)];
  return parts(clause).flatMap((one): Statement[] => {
    if (one.kind === "identifier") return [bring(sourceOf(at.tree, one), module)];
    if (one.kind === "namespace_import")
      return parts(one).map((name) => bring(sourceOf(at.tree, name), module));
    return parts(one).map((specifier) => {
      const names = parts(specifier);
      const [name] = names;
      const local = names.at(-1);
      const path = name === undefined ? "" : sourceOf(at.tree, name);
      return bring(
        local === undefined ? path : sourceOf(at.tree, local),
        path === "default" ? module : `${module}.${path}`,
      );
    });
  });
}
