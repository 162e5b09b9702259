/** @file Lowers Go's statements and declarations to the common syntax. */
import type { Expr, Statement } from "../engine/syntax.ts";
import { behind, hasMark, type Node, part, sourceOf, type Tree } from "../engine/tree.ts";
import { operatorOf } from "./chain.ts";
import { filledByCall } from "./go-calls.ts";
import { goExpression, goFunction } from "./go-tree.ts";
import {
  assignAt,
  branchesOf,
  child,
  codeOf,
  type Lowering,
  lowerAll,
  lowerBlock,
  lowerExpression,
  nameAt,
  operationAt,
  textAt,
} from "./make.ts";

/** Lowers a file. */
export function lowerGo(tree: Tree): Statement[] {
  const at: Lowering = {
    tree,
    expression: goExpression,
    statement,
    noted: new Set<string>(),
    depth: 0,
  };
  return lowerBlock(at, tree.root);
}

const bodies = new Set([
  ...["source_file", "ERROR", "block", "statement_list", "labeled_statement", "import_declaration"],
  ...["import_spec_list", "const_declaration", "var_declaration", "var_spec_list"],
]);

function statement(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  const inner = codeOf(node);
  const [first] = inner;
  if (bodies.has(kind)) return lowerAll(at, inner);
  switch (kind) {
    case "package_clause":
    case "type_declaration":
    case "label_name":
    case "package_identifier":
      return [];
    case "import_spec":
      return [...imported(at, node)];
    case "function_declaration":
    case "method_declaration":
      return [{ kind: "function", made: goFunction(at, node), start, end }];
    case "short_var_declaration":
    case "assignment_statement":
      return assigned(at, node, inner);
    case "var_spec":
    case "const_spec":
      return declared(at, node, inner);
    case "return_statement": {
      const values = first === undefined ? [] : codeOf(first);
      const [value] = values;
      const more = values.slice(1).map((one): Statement => done(one, lowerExpression(at, one)));
      return [
        ...more,
        { kind: "return", ...(value === undefined ? {} : { value: lowerExpression(at, value) }), start, end },
      ];
    }
    case "break_statement":
    case "continue_statement":
    case "goto_statement":
      return [{ kind: "stop", word: kind.replace("_statement", ""), start, end }];
    case "go_statement":
    case "defer_statement":
    case "expression_statement":
      return first === undefined ? [] : simple(at, first);
    default:
      return compound(at, node, inner);
  }
}

function done({ start, end }: Node, value: Expr): Statement {
  return { kind: "do", value, start, end };
}

function compound(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const { start, end, kind } = node;
  switch (kind) {
    case "if_statement": {
      const met = part(node, "block");
      const before = inner.slice(0, met === undefined ? 1 : inner.indexOf(met));
      const test = before.at(-1);
      const other = behind(node, "else");
      return [
        ...lowerAll(at, before.slice(0, -1)),
        {
          kind: "if",
          test: tested(at, test),
          met: lowerBlock(at, met),
          start,
          end,
          otherwise: other === undefined ? [] : lowerAll(at, [other]),
        },
      ];
    }
    case "for_statement":
      return loops(at, node);
    case "expression_switch_statement":
    case "type_switch_statement":
    case "select_statement":
      return switched(at, node, inner);
    case "inc_statement":
    case "dec_statement":
    case "send_statement":
      return [];
    default:
      return simple(at, node);
  }
}

/** Lowers a condition; `ALLOWED[x]` tests whether x is a key. */
function tested(at: Lowering, node: Node | undefined): Expr {
  if (node?.kind === "unary_expression" && hasMark(node, "!"))
    return operationAt(node, "not", [tested(at, codeOf(node)[0])]);
  const made = lowerExpression(at, node);
  return made.kind === "index" && made.index.kind !== "constant"
    ? operationAt(made, "in", [made.index, made.object])
    : made;
}

function loops(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const body = lowerBlock(at, part(node, "block"));
  const range = part(node, "range_clause");
  if (range !== undefined) {
    const names = part(range, "expression_list");
    const target = names === undefined ? undefined : codeOf(names).at(-1);
    const from = lowerExpression(at, behind(range, "range"));
    if (target === undefined) return [{ kind: "loop", body, start, end }];
    return [{ kind: "loop", target: lowerExpression(at, target), from, body, start, end }];
  }
  const clause = part(node, "for_clause");
  const heads = clause === undefined ? [] : codeOf(clause);
  const before = heads.filter(({ kind }) => kind === "short_var_declaration");
  const test =
    heads.find(({ kind }) => /expression|identifier/.test(kind)) ??
    codeOf(node).find(({ kind }) => !/block|clause/.test(kind));
  return [
    ...lowerAll(at, before),
    { kind: "loop", ...(test === undefined ? {} : { test: lowerExpression(at, test) }), body, start, end },
  ];
}

const cases = /^(expression_case|default_case|type_case|communication_case)$/;

function switched(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const heads = inner.filter(({ kind }) => !cases.test(kind));
  const isPlain = node.kind === "expression_switch_statement";
  const subject = isPlain ? heads.at(-1) : undefined;
  const before = lowerAll(
    at,
    heads.filter((one) => one !== subject && /declaration|assignment/.test(one.kind)),
  );
  if (node.kind === "type_switch_statement") {
    const target = part(node, "expression_list");
    const value = behind(node, ":=") ?? heads[0];
    if (target !== undefined)
      before.push(assignAt(node, lowerExpression(at, codeOf(target)[0]), lowerExpression(at, value)));
  }
  const groups = inner.filter(({ kind }) => cases.test(kind));
  return [
    ...before,
    ...branchesOf(
      subject === undefined ? undefined : lowerExpression(at, subject),
      groups.map((group) => {
        const parts = codeOf(group);
        const list = group.kind === "expression_case" ? part(group, "expression_list") : undefined;
        const labels = list === undefined ? [] : codeOf(list).map((one) => lowerExpression(at, one));
        return {
          labels,
          body: lowerAll(
            at,
            parts.filter((one) => one !== list && !/type/.test(one.kind)),
          ),
          at: group,
        };
      }),
    ),
  ];
}

/** Lowers an expression statement. Text written to a buffer is appended to its content. */
function simple(at: Lowering, node: Node): Statement[] {
  const filled = filledByCall(at, node);
  const found = filled === undefined ? [] : [assignAt(node, filled.target, filled.value)];
  const value = lowerExpression(at, node);
  const added = written(at, node, value);
  return added ?? [done(node, value), ...found];
}

function written(at: Lowering, node: Node, value: Expr): Statement[] | undefined {
  if (value.kind !== "call" || value.callee.kind !== "member") return undefined;
  const { start, end } = node;
  const { object, name } = value.callee;
  const isBuffer = (one: Expr | undefined): boolean => one?.kind === "name" && at.noted.has(one.name);
  const [first, second] = value.args;
  if (/^Write(String|Byte|Rune)?$/.test(name) && isBuffer(object) && first !== undefined)
    return [{ kind: "assign", target: object, value: first.value, operator: "+", start, end }];
  if (/^Fprint(ln)?$/.test(name) && isBuffer(first?.value) && first !== undefined && second !== undefined)
    return [{ kind: "assign", target: first.value, value: second.value, operator: "+", start, end }];
  return undefined;
}

const buffers = /^\*?(strings\.Builder|bytes\.Buffer)$/;

function declared(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const names = inner.filter(({ kind }) => kind === "identifier");
  const list = part(node, "expression_list");
  const typed = inner.find((one) => one !== list && one.kind !== "identifier");
  const type = typed === undefined ? "" : sourceOf(at.tree, typed).slice(0, 200);
  if (list !== undefined) return pairs(at, node, names, codeOf(list));
  if (!buffers.test(type))
    return typed?.kind === "qualified_type"
      ? names.map((one) => assignAt(one, lowerExpression(at, one), lowerExpression(at, typed)))
      : [];
  return names.map((one) => {
    at.noted.add(sourceOf(at.tree, one));
    return assignAt(one, lowerExpression(at, one), textAt(one, ""));
  });
}

function assigned(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const [left, right] = inner;
  if (left === undefined || right === undefined) return [];
  const mark = operatorOf(node);
  if (mark !== "=" && mark !== ":=") {
    const { start, end } = node;
    const [target] = codeOf(left);
    const value = lowerExpression(at, codeOf(right)[0]);
    return [
      {
        kind: "assign",
        target: lowerExpression(at, target),
        value,
        operator: mark.replace(/=$/, ""),
        start,
        end,
      },
    ];
  }
  return pairs(at, node, codeOf(left), codeOf(right));
}

/** Pairs names with values. If a call returns several values, the last one is an error or a boolean. */
function pairs(at: Lowering, node: Node, names: readonly Node[], values: readonly Node[]): Statement[] {
  const { start, end } = node;
  const [first, ...others] = names;
  const [value] = values;
  if (first === undefined || value === undefined) return [];
  if (values.length > 1 || others.length === 0) {
    return names.flatMap((name, position): Statement[] => {
      const given = values[position];
      if (given === undefined) return [];
      const filled = filledByCall(at, given);
      const what = lowerExpression(at, given);
      if (
        what.kind === "call" &&
        /^(strings\.Builder|bytes\.Buffer|new)$/.test(sourceOf(at.tree, codeOf(given)[0] ?? given))
      )
        at.noted.add(sourceOf(at.tree, name));
      const isError = /^err\w{0,12}$/.test(sourceOf(at.tree, name)) && given.kind === "call_expression";
      return [
        { kind: "assign", target: lowerExpression(at, name), value: what, start, end },
        ...(filled === undefined ? [] : [assignAt(node, filled.target, filled.value)]),
        ...(isError ? [assignAt(node, lowerExpression(at, name), nameAt(node, "!error"))] : []),
      ];
    });
  }
  const target = lowerExpression(at, first);
  const given = lowerExpression(at, value);
  return [
    { kind: "assign", target, value: given, start, end },
    ...others.map((name): Statement => {
      const word = sourceOf(at.tree, name);
      const what: Expr = /^(err|e)$|^err[A-Z]|Err$/.test(word)
        ? nameAt(name, "!error")
        : word === "ok" && given.kind === "index"
          ? operationAt(value, "in", [given.index, given.object])
          : target;
      return assignAt(name, lowerExpression(at, name), what);
    }),
  ];
}

/** Packages whose last name is shared with a package that does something else. */
const shared = /^(math|crypto)\/rand$|^(text|html)\/template$|^math\/rand\/v2$/;

/**
 * Lowers an import. The package is known by its last name unless that is shared; its full path is a separate import.
 */
function imported(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const literal = child(node, "interpreted_string_literal", "raw_string_literal");
  const path = sourceOf(at.tree, literal).slice(1, -1);
  const alias = part(node, "package_identifier");
  const last =
    path
      .replace(/\/v\d{1,3}$/, "")
      .split("/")
      .at(-1)
      ?.replace(/^go-|\.v\d{1,3}$/g, "") ?? "";
  const known = shared.test(path) ? path.replace(/\/v2$/, "") : last;
  const local = alias === undefined ? last : sourceOf(at.tree, alias);
  const told: Statement = { kind: "import", local: `"${path}"`, path, start, end };
  return [told, { kind: "import", local, path: known, start, end }];
}
