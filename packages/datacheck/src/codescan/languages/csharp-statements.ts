/** @file Lowers C#'s statements to the common syntax. */
import type { Expr, Handler, Statement } from "../engine/syntax.ts";
import { behind, type Node, part, sourceOf, type Tree } from "../engine/tree.ts";
import { operatorOf } from "./chain.ts";
import { isBuffer } from "./csharp-calls.ts";
import { classOf, functionOf, isClass, memberOf } from "./csharp-members.ts";
import { simpleType } from "./csharp-names.ts";
import { csharpExpression } from "./csharp-tree.ts";
import { declared, given } from "./csharp-variables.ts";
import {
  assignAt,
  branchesOf,
  child,
  codeOf,
  type Lowering,
  lowerAll,
  lowerBlock,
  lowerExpression,
} from "./make.ts";

/** Lowers a file. */
export function lowerCsharp(tree: Tree): Statement[] {
  const noted = new Set<string>();
  const at: Lowering = { tree, expression: csharpExpression, statement, noted, depth: 0 };
  let isOwn = true;
  for (const [, space, name] of tree.text.matchAll(declarations)) {
    // stubs of library classes are not the program's own code
    if (space !== undefined) isOwn = !/^(System|Microsoft|Newtonsoft)\b/.test(space);
    else if (isOwn) noted.add(`class ${name}`);
  }
  return lowerBlock(at, tree.root);
}

const declarations = /\b(?:namespace ([\w.]{1,120})|(?:class|record|struct) ([A-Z]\w{0,80}))/g;

const bodies = new Set([
  ...["block", "compilation_unit", "ERROR", "declaration_list", "global_statement", "unsafe_statement"],
  ...["checked_statement", "namespace_declaration", "file_scoped_namespace_declaration", "switch_section"],
  ...["preproc_if", "preproc_else", "preproc_elif", "preproc_if_in_top_level"],
]);

function statement(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  const inner = codeOf(node);
  const [first] = inner;
  if (bodies.has(kind)) return lowerAll(at, inner);
  if (isClass(kind)) return classOf(at, node);
  switch (kind) {
    case "expression_statement":
      return first === undefined ? [] : simple(at, first);
    case "local_declaration_statement":
      return declared(at, part(node, "variable_declaration"));
    case "return_statement":
    case "yield_statement":
      return [
        ...given(at, first),
        { kind: "return", ...(first === undefined ? {} : { value: lowerExpression(at, first) }), start, end },
      ];
    case "throw_statement":
    case "break_statement":
    case "continue_statement":
    case "goto_statement": {
      const word = kind.replace("_statement", "");
      const value = word === "throw" && first !== undefined ? { value: lowerExpression(at, first) } : {};
      return [...given(at, first), { kind: "stop", word, ...value, start, end }];
    }
    case "local_function_statement":
      return [{ kind: "function", made: functionOf(at, node), start, end }];
    case "using_directive":
      return imports(at, node, inner);
    default:
      return memberOf(at, node) ?? compound(at, node, inner);
  }
}

function compound(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const { start, end, kind } = node;
  const [first] = inner;
  switch (kind) {
    case "if_statement": {
      const [test, met] = inner;
      const otherwise = behind(node, "else");
      return [
        ...given(at, test),
        {
          kind: "if",
          test: lowerExpression(at, test),
          met: one(at, met),
          start,
          end,
          otherwise: one(at, otherwise),
        },
      ];
    }
    case "for_statement":
      return plainLoop(at, node, inner);
    case "foreach_statement": {
      const from = behind(node, "in");
      const target = inner[inner.indexOf(from ?? node) - 1];
      return [
        ...given(at, from),
        {
          kind: "loop",
          target: lowerExpression(at, target),
          from: lowerExpression(at, from),
          body: one(at, inner.at(-1)),
          start,
          end,
        },
      ];
    }
    case "while_statement":
    case "do_statement": {
      const [test, body] = kind === "do_statement" ? [inner[1], first] : [first, inner[1]];
      const before = given(at, test);
      return [
        ...before,
        { kind: "loop", test: lowerExpression(at, test), body: [...before, ...one(at, body)], start, end },
      ];
    }
    case "using_statement":
    case "fixed_statement": {
      const declaration = part(node, "variable_declaration");
      const body = inner.at(-1);
      const before =
        declaration === undefined ? one(at, first === body ? undefined : first) : declared(at, declaration);
      return [...before, ...one(at, body)];
    }
    case "lock_statement":
    case "labeled_statement":
      return one(at, inner.at(-1));
    case "try_statement":
      return [attempt(at, node)];
    case "switch_statement":
      return switched(at, node);
    case "empty_statement":
    case "attribute_list":
    case "modifier":
    case "extern_alias_directive":
      return [];
    default:
      return kind.startsWith("preproc_") ? [] : simple(at, node);
  }
}

/** Lowers a statement or a block. */
function one(at: Lowering, node: Node | undefined): Statement[] {
  return node === undefined ? [] : lowerAll(at, [node]);
}

/** Lowers an assignment or an expression statement. */
function simple(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  if (kind === "assignment_expression") {
    const [target, value] = codeOf(node);
    const mark = operatorOf(node).replace(/=$/, "");
    const operator = mark === "" || mark === "??" ? {} : { operator: mark };
    const made = { target: lowerExpression(at, target), value: lowerExpression(at, value) };
    return [...given(at, value), { kind: "assign", ...made, ...operator, start, end }];
  }
  const before = given(at, node);
  const value = lowerExpression(at, node);
  // `builder.Append(x)` appends x to the buffer
  if (value.kind === "operation" && value.operator === "+" && isBuffer(at, value))
    return [...before, assignAt(node, rootOf(value), value)];
  return [...before, ...(filledArray(at, value) ?? [{ kind: "do", value, start, end }])];
}

function rootOf(value: Expr): Expr {
  let root = value;
  for (let depth = 0; depth < 200 && root.kind === "operation"; depth++) root = root.operands[0] ?? root;
  return root;
}

/** `random.NextBytes(salt)` fills the array. */
function filledArray(at: Lowering, value: Expr): Statement[] | undefined {
  if (value.kind !== "call" || value.callee.kind !== "member") return undefined;
  const target = value.args[0]?.value;
  if (target === undefined || !/^(NextBytes|GetBytes|GetNonZeroBytes|Fill)$/.test(value.callee.name))
    return undefined;
  if (target.kind !== "name" && target.kind !== "member") return undefined;
  return at.depth < 200 ? [assignAt(value, target, value)] : undefined;
}

function plainLoop(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const { start, end } = node;
  const body = inner.at(-1);
  const declaration = part(node, "variable_declaration");
  const test = inner.find((one) => one !== body && one !== declaration && one.kind === "binary_expression");
  const steps = inner.filter((one) => one !== body && one !== declaration && one !== test);
  return [
    ...declared(at, declaration),
    {
      kind: "loop",
      ...(test === undefined ? {} : { test: lowerExpression(at, test) }),
      body: [...one(at, body), ...lowerAll(at, steps)],
      start,
      end,
    },
  ];
}

function attempt(at: Lowering, node: Node): Statement {
  const { start, end } = node;
  const handlers = node.children.filter(({ kind }) => kind === "catch_clause");
  return {
    kind: "try",
    start,
    end,
    body: lowerBlock(at, part(node, "block")),
    handlers: handlers.map((clause) => handlerOf(at, clause)),
    last: lowerBlock(at, part(child(node, "finally_clause"), "block")),
  };
}

function handlerOf(at: Lowering, node: Node): Handler {
  const { start, end } = node;
  const [type, name] = codeOf(child(node, "catch_declaration"));
  const filter = codeOf(child(node, "catch_filter_clause"))[0];
  const body = lowerBlock(at, part(node, "block"));
  const tested: Statement[] =
    filter === undefined
      ? []
      : [{ kind: "do", value: lowerExpression(at, filter), start: filter.start, end: filter.end }];
  return {
    name: name === undefined ? "" : sourceOf(at.tree, name),
    caught: type === undefined ? "" : simpleType(sourceOf(at.tree, type)),
    body: [...tested, ...body],
    start,
    end,
  };
}

/** Lowers a `switch` statement. Labels without a body share the body of the next label. */
function switched(at: Lowering, node: Node): Statement[] {
  const [subject] = codeOf(node);
  const value = lowerExpression(at, subject);
  let waiting: Expr[] = [];
  const cases = codeOf(child(node, "switch_body")).map((section) => {
    const inner = codeOf(section);
    const patterns = inner.filter(({ kind }) => kind.endsWith("_pattern"));
    const isPlain = patterns.length > 0 && patterns.every(({ kind }) => kind === "constant_pattern");
    const body = inner.filter(({ kind }) => !kind.endsWith("_pattern") && kind !== "when_clause");
    if (isPlain) waiting.push(...patterns.map((one) => lowerExpression(at, codeOf(one)[0])));
    const [binding] = patterns.flatMap((one) =>
      one.kind === "declaration_pattern" ? codeOf(one).slice(-1) : [],
    );
    const bound = binding === undefined ? [] : [assignAt(binding, lowerExpression(at, binding), value)];
    const labels = isPlain ? waiting : [];
    if (body.length > 0) waiting = [];
    return { labels: [...labels], body: [...bound, ...lowerAll(at, body)], at: section };
  });
  return [...given(at, subject), ...branchesOf(value, cases)];
}

/** Lowers namespaces to imports without references, since types use their simple names. */
function imports(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const { start, end } = node;
  const [first, second] = inner;
  if (first === undefined) return [];
  const isStatic = node.children.some(({ kind }) => kind === "static");
  const path = sourceOf(at.tree, second ?? first).replace(/\s{1,20}/g, "");
  const last = simpleType(path);
  if (second !== undefined)
    return [{ kind: "import", local: sourceOf(at.tree, first), path: last, start, end }];
  if (isStatic) return [{ kind: "import", local: "*", path: last, start, end }];
  return [{ kind: "import", local: path, path, start, end }];
}
