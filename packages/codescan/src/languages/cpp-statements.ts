/** @file C's and C++'s tree as the small syntax: statements and declarations. */
import type { Expr, FunctionMade, Handler, Statement } from "../engine/syntax.ts";
import { behind, type Node, part, parts, sourceOf, type Tree } from "../engine/tree.ts";
import { beyondLoop } from "./cpp-bounds.ts";
import { afterFree, assigned, effectsOf } from "./cpp-effects.ts";
import { flowFaults } from "./cpp-flow/faults.ts";
import {
  callOf,
  condition,
  declaredName,
  expression,
  type Lowering,
  nameOf,
  parametersOf,
} from "./cpp-tree.ts";
import { nested } from "./nesting.ts";

/** A whole file. */
export function lowerCpp(tree: Tree): Statement[] {
  return block({ tree, block, depth: 0, sizes: new Map(), faults: flowFaults(tree) }, tree.root);
}

function block(at: Lowering, node: Node | undefined): Statement[] {
  return node === undefined ? [] : statements(at, parts(node));
}

function statements(at: Lowering, nodes: readonly Node[]): Statement[] {
  return nested(at, [], () => [...nodes.flatMap((one) => statement(at, one)), ...afterFree(at, nodes)]);
}

const holders = new Set([
  ...["compound_statement", "translation_unit", "declaration_list", "field_declaration_list", "ERROR"],
  ...["namespace_definition", "linkage_specification", "template_declaration", "preproc_ifdef", "preproc_if"],
  ...["preproc_else", "preproc_elif", "labeled_statement", "else_clause", "attributed_statement"],
]);

function statement(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  const inner = parts(node);
  const [first] = inner;
  if (holders.has(kind)) return statements(at, inner);
  switch (kind) {
    case "expression_statement":
      return simple(at, first);
    case "declaration":
    case "field_declaration":
      return declaration(at, node);
    case "return_statement": {
      const value = first === undefined ? {} : { value: expression(at, first) };
      return [...effectsOf(at, first), { kind: "return", ...value, start, end }];
    }
    case "break_statement":
    case "continue_statement":
    case "goto_statement":
    case "throw_statement":
      return [{ kind: "stop", word: kind.replace("_statement", ""), start, end }];
    case "function_definition":
      return [{ kind: "function", made: functionMade(at, node), start, end }];
    case "class_specifier":
    case "struct_specifier":
      return classMade(at, node);
    case "preproc_def":
      return macro(at, node);
    case "try_statement":
      return [attempt(at, node, inner)];
    default:
      return compound(at, node, inner);
  }
}

/** Statements that hold others. */
function compound(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const { start, end, kind } = node;
  const [first] = inner;
  const body = inner.at(-1);
  switch (kind) {
    case "if_statement": {
      const otherwise = part(node, "else_clause");
      const met = inner.find(({ kind: one }) => one !== "condition_clause" && one !== "else_clause");
      return [
        ...effectsOf(at, first),
        {
          ...{ kind: "if", test: condition(at, first), met: met === undefined ? [] : statements(at, [met]) },
          ...{ otherwise: block(at, otherwise), start, end },
        },
      ];
    }
    case "while_statement":
      return [...effectsOf(at, first), loopOf(at, node, first, body)];
    case "do_statement":
      return [loopOf(at, node, undefined, first), ...effectsOf(at, body)];
    case "for_statement": {
      const heads = inner.slice(0, -1);
      const begin = heads.filter(({ kind: one }) => one === "declaration" || one === "assignment_expression");
      const before = begin.flatMap((one) =>
        one.kind === "declaration" ? statement(at, one) : simple(at, one),
      );
      const test = heads.find(({ kind: one }) => one === "binary_expression");
      return [...before, ...effectsOf(at, test), loopOf(at, node, test, body), ...beyondLoop(at, test, body)];
    }
    case "for_range_loop": {
      const name = declaredName(node);
      const target = name === undefined ? {} : { target: expression(at, name) };
      const from = behind(node, ":");
      return [
        {
          ...{ kind: "loop", ...target, from: expression(at, from) },
          body: statements(at, inner.slice(-1)),
          start,
          end,
        },
      ];
    }
    case "switch_statement":
      return [...effectsOf(at, first), ...branches(at, body)];
    default:
      return /_expression$|^identifier$/.test(kind) ? simple(at, node) : [];
  }
}

function loopOf(
  at: Lowering,
  { start, end }: Node,
  test: Node | undefined,
  body: Node | undefined,
): Statement {
  const asked = test === undefined ? {} : { test: condition(at, test) };
  return { kind: "loop", ...asked, body: body === undefined ? [] : statements(at, [body]), start, end };
}

/** The cases of a `switch`, each a branch of its own. */
function branches(at: Lowering, body: Node | undefined): Statement[] {
  const cases = body === undefined ? [] : parts(body).filter(({ kind }) => kind === "case_statement");
  return cases.map((one): Statement => {
    const { start, end } = one;
    const inner = parts(one).filter(({ kind }) => /_statement$|^declaration$/.test(kind));
    const kept = inner.filter(({ kind }) => kind !== "break_statement");
    const test: Expr = { kind: "other", parts: [], start, end };
    return { kind: "if", test, met: statements(at, kept), otherwise: [], start, end };
  });
}

/** An assignment, or an expression for what it does. */
function simple(at: Lowering, node: Node | undefined): Statement[] {
  if (node === undefined) return [];
  const { start, end } = node;
  const own: Statement[] =
    node.kind === "assignment_expression"
      ? assigned(at, node)
      : [{ kind: "do", value: expression(at, node), start, end }];
  return [...own, ...effectsOf(at, node)];
}

/** `type a = x, b[10], c(y);`: an array is what `!array(length)` gives. */
function declaration(at: Lowering, node: Node): Statement[] {
  const typed = parts(node).find(
    ({ kind }) => /type|qualified_identifier/.test(kind) && kind !== "type_qualifier",
  );
  const type = typed === undefined ? "" : nameOf(at.tree, typed);
  const inside =
    typed !== undefined && /^(class|struct)_specifier$/.test(typed.kind) ? classMade(at, typed) : [];
  return [
    ...inside,
    ...parts(node).flatMap((one): Statement[] => {
      if (one === typed || !/declarator$|^identifier$/.test(one.kind) || isPrototype(one)) return [];
      const name = declaredName(one);
      const value = name === undefined ? undefined : initial(at, one, type);
      if (name === undefined || value === undefined) return [];
      const { start, end } = one;
      const given = one.kind === "init_declarator" ? parts(one).at(-1) : undefined;
      return [
        ...effectsOf(at, given),
        { kind: "assign", target: expression(at, name), value, type, start, end },
      ];
    }),
  ];
}

/** `char *gets(char *);` */
function isPrototype(node: Node): boolean {
  return node.kind === "pointer_declarator" && part(node, "function_declarator") !== undefined;
}

function initial(at: Lowering, node: Node, type: string): Expr | undefined {
  const array = arrayIn(node);
  const name = declaredName(node);
  if (name !== undefined) at.sizes.delete(sourceOf(at.tree, name));
  if (array !== undefined && name !== undefined) {
    const [, length] = parts(array);
    const source = length === undefined ? "" : sourceOf(at.tree, length);
    at.sizes.set(sourceOf(at.tree, name), source);
    const given = node.kind === "init_declarator" ? parts(node).at(-1) : undefined;
    if (length === undefined || /\*/.test(sourceOf(at.tree, node).slice(0, 1))) return expression(at, given);
    return callOf(node, "!array", [
      expression(at, length),
      { kind: "text", pieces: [type], start: 0, end: 0 },
    ]);
  }
  if (node.kind === "function_declarator") return madeOf(at, node, type);
  if (node.kind !== "init_declarator")
    return part(node, "parameter_list") ? undefined : callOf(node, "!declared", []);
  const given = parts(node).at(-1);
  if (given === undefined) return undefined;
  if (given.kind !== "argument_list" && given.kind !== "initializer_list") return expression(at, given);
  if (given.kind === "initializer_list" && hasEquals(node)) return expression(at, given);
  return callOf(
    node,
    type === "" ? "!declared" : type,
    parts(given).map((one) => expression(at, one)),
  );
}

/** `ifstream file(path);` reads like a function that takes a `path`. */
function madeOf(at: Lowering, node: Node, type: string): Expr | undefined {
  const list = part(node, "parameter_list");
  const given = list === undefined ? [] : parts(list);
  const names = given.map((one) => (parts(one).length === 1 ? part(one, "type_identifier") : undefined));
  if (names.length === 0 || names.includes(undefined) || type === "") return undefined;
  const values = names.map((one): Expr => {
    const { start, end } = one ?? node;
    return { kind: "name", name: at.tree.text.slice(start, end), start, end };
  });
  return callOf(node, type, values);
}

function hasEquals({ children }: Node): boolean {
  return children.some(({ kind }) => kind === "=");
}

function arrayIn(node: Node): Node | undefined {
  if (node.kind === "array_declarator") return node;
  return node.kind === "init_declarator" ? part(node, "array_declarator") : undefined;
}

/** `#define NAME "text"`. */
function macro(at: Lowering, node: Node): Statement[] {
  const [name, given] = parts(node);
  if (name === undefined || given === undefined) return [];
  const { start, end } = node;
  const source = sourceOf(at.tree, given).trim();
  const text = /^L?"([^"\\]{0,400})"$/.exec(source)?.[1];
  const value: Expr | undefined =
    text !== undefined
      ? { kind: "text", pieces: [text], start: given.start, end: given.end }
      : /^\d{1,9}$/.test(source)
        ? { kind: "constant", value: Number(source), start: given.start, end: given.end }
        : undefined;
  if (value === undefined) return [];
  return [{ kind: "assign", target: expression(at, name), value, start, end }];
}

function functionMade(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  let declarator = node.children.find(({ kind }) => /declarator$/.test(kind));
  for (
    let depth = 0;
    declarator !== undefined && declarator.kind !== "function_declarator" && depth < 10;
    depth++
  )
    declarator = declarator.children.find(({ kind }) => /declarator$/.test(kind));
  const name = declarator === undefined ? undefined : declaredName(declarator);
  const parameters = declarator === undefined ? [] : parametersOf(at, declarator);
  const called = name === undefined ? "" : nameOf(at.tree, name);
  const outer = at.sizes;
  at.sizes = new Map(outer);
  for (const one of parameters) at.sizes.delete(one.name);
  const tried = part(node, "try_statement");
  const faults = (at.faults.get(start) ?? []).map(
    ({ name: fault, at: span }): Statement => ({ kind: "do", value: callOf(span, fault, []), ...span }),
  );
  const body = [...block(at, part(node, "compound_statement") ?? tried), ...faults];
  at.sizes = outer;
  return {
    ...{ name: called, body },
    // whatever main calls it, its second parameter is the command line
    parameters: parameters.map((one, at) =>
      called === "main" && at === 1 ? { ...one, type: "!argv" } : one,
    ),
    ...{ marks: [], method: false, start, end },
  };
}

function classMade(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const name = part(node, "type_identifier");
  const body = part(node, "field_declaration_list");
  if (body === undefined) return [];
  const called = name === undefined ? "" : sourceOf(at.tree, name);
  return [{ kind: "class", name: called, bases: [], body: block(at, body), start, end }];
}

function attempt(at: Lowering, node: Node, inner: readonly Node[]): Statement {
  const { start, end } = node;
  const clauses = inner.filter(({ kind }) => kind === "catch_clause");
  const handlers = clauses.map((one): Handler => {
    const list = part(one, "parameter_list");
    const caught = list === undefined ? "" : sourceOf(at.tree, list);
    return {
      name: "",
      caught,
      body: block(at, part(one, "compound_statement")),
      start: one.start,
      end: one.end,
    };
  });
  return { kind: "try", body: block(at, part(node, "compound_statement")), handlers, last: [], start, end };
}
