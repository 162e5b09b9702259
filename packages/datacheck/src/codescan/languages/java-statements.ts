/** @file Lowers Java's statements, classes and methods to the common syntax. */
import type { Expr, FunctionMade, Handler, Statement } from "../engine/syntax.ts";
import { behind, type Node, part, sourceOf, type Tree } from "../engine/tree.ts";
import { operatorOf } from "./chain.ts";
import { appendsOf, partsOfCall } from "./java-calls.ts";
import { isBufferType, simpleType } from "./java-names.ts";
import { annotationsOf, innerAssignments, javaExpression, javaParameters, switched } from "./java-tree.ts";
import {
  assignAt,
  callAt,
  child,
  codeOf,
  type Lowering,
  lowerAll,
  lowerBlock,
  lowerExpression,
  nameAt,
} from "./make.ts";

/** Lowers a file. */
export function lowerJava(tree: Tree): Statement[] {
  const at: Lowering = {
    tree,
    expression: javaExpression,
    statement,
    noted: new Set<string>(),
    depth: 0,
  };
  return lowerBlock(at, tree.root);
}

const bodies = new Set([
  ...["block", "program", "ERROR", "class_body", "constructor_body", "interface_body", "enum_body"],
  ...["enum_body_declarations", "labeled_statement", "static_initializer", "switch_block_statement_group"],
]);
const classes = new Set([
  ...["class_declaration", "interface_declaration", "enum_declaration", "record_declaration"],
  ...["annotation_type_declaration"],
]);

function statement(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  const inner = codeOf(node);
  const [first] = inner;
  if (bodies.has(kind)) return lowerAll(at, inner);
  if (classes.has(kind)) return classOf(at, node);
  switch (kind) {
    case "expression_statement":
      return first === undefined ? [] : simple(at, first);
    case "local_variable_declaration":
    case "field_declaration":
    case "constant_declaration":
      return declared(at, node);
    case "return_statement":
    case "yield_statement":
      return [
        ...innerAssignments(at, first),
        { kind: "return", ...(first === undefined ? {} : { value: lowerExpression(at, first) }), start, end },
      ];
    case "throw_statement":
    case "break_statement":
    case "continue_statement": {
      const word = kind.replace("_statement", "");
      const value = word === "throw" && first !== undefined ? { value: lowerExpression(at, first) } : {};
      return [{ kind: "stop", word, ...value, start, end }];
    }
    case "method_declaration":
    case "constructor_declaration":
    case "compact_constructor_declaration":
      return [{ kind: "function", made: methodOf(at, node), start, end }];
    case "import_declaration":
      return imports(at, node);
    default:
      return compound(at, node, inner);
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
        ...innerAssignments(at, test),
        {
          kind: "if",
          test: lowerExpression(at, test),
          met: one(at, met),
          start,
          end,
          otherwise: otherwise === undefined ? [] : one(at, otherwise),
        },
      ];
    }
    case "for_statement":
      return plainLoop(at, node, inner);
    case "enhanced_for_statement": {
      const body = inner.at(-1);
      const from = behind(node, ":");
      const name = inner
        .filter((part) => part !== from && part !== body && part.kind === "identifier")
        .at(-1);
      const typed = inner.find(({ kind }) => /type/.test(kind));
      const target = lowerExpression(at, name);
      const span = { start: target.start, end: target.end };
      const type = typed === undefined ? "" : sourceOf(at.tree, typed);
      const typedHere: Statement = { kind: "assign", target, value: target, type, ...span };
      return [
        {
          kind: "loop",
          target,
          from: lowerExpression(at, from),
          body: [typedHere, ...one(at, body)],
          start,
          end,
        },
      ];
    }
    case "while_statement":
    case "do_statement": {
      const test = part(node, "parenthesized_expression");
      const body = inner.find((part) => part !== test);
      const before = innerAssignments(at, test);
      return [
        ...before,
        { kind: "loop", test: lowerExpression(at, test), body: [...before, ...one(at, body)], start, end },
      ];
    }
    case "try_statement":
    case "try_with_resources_statement":
      return [attempt(at, node)];
    case "switch_expression":
    case "switch_statement":
      return switched(at, node);
    case "synchronized_statement":
      return lowerBlock(at, part(node, "block"));
    case "assert_statement":
      return [{ kind: "assert", test: lowerExpression(at, first), start, end }];
    case "package_declaration":
    case "modifiers":
      return [];
    default:
      return simple(at, node);
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
    const operator = mark === "" ? {} : { operator: mark };
    const made = { target: lowerExpression(at, target), value: lowerExpression(at, value) };
    return [...innerAssignments(at, value), { kind: "assign", ...made, ...operator, start, end }];
  }
  return (
    added(at, node) ?? filledArray(at, node) ?? [{ kind: "do", value: lowerExpression(at, node), start, end }]
  );
}

/** `builder.append(x).append(y);` appends both to the buffer. */
function added(at: Lowering, node: Node): Statement[] | undefined {
  const chain = appendsOf(at, node);
  if (chain === undefined || chain.root.kind === "object_creation_expression") return undefined;
  const target = lowerExpression(at, chain.root);
  return chain.added.map((value): Statement => {
    const { start, end } = value;
    return { kind: "assign", target, value: lowerExpression(at, value), operator: "+", start, end };
  });
}

/** Methods that write into their first argument. */
const fillers = /^(nextBytes|read|readFully|readNBytes|receive|getBytes|getChars)$/;

/** `random.nextBytes(salt)` and `stream.read(buffer)` fill the array. */
function filledArray(at: Lowering, node: Node): Statement[] | undefined {
  if (node.kind !== "method_invocation") return undefined;
  const { name, list } = partsOfCall(node);
  const [target] = codeOf(list);
  if (name === undefined || target?.kind !== "identifier" || !fillers.test(sourceOf(at.tree, name)))
    return undefined;
  return [assignAt(node, lowerExpression(at, target), lowerExpression(at, node))];
}

/** Lowers declarations. A field without a value is known by its type. */
function declared(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const typed = codeOf(node).find(({ kind }) => kind !== "modifiers");
  const source = typed === undefined ? "" : sourceOf(at.tree, typed);
  return codeOf(node)
    .filter(({ kind }) => kind === "variable_declarator")
    .flatMap((declarator): Statement[] => {
      const name = part(declarator, "identifier");
      const value = behind(declarator, "=");
      const target = lowerExpression(at, name);
      if (name !== undefined && isBufferType(source)) {
        at.noted.add(sourceOf(at.tree, name));
        at.noted.add(`this.${sourceOf(at.tree, name)}`);
      }
      if (value === undefined && node.kind !== "field_declaration") return [];
      const held: Expr = value === undefined ? unset(at, node, source) : lowerExpression(at, value);
      return [
        ...innerAssignments(at, value),
        { kind: "assign", target, value: held, type: source, start, end },
      ];
    });
}

/** The value of an unset field: known by its type. The text fields of a form class are attacker-controlled. */
function unset(at: Lowering, node: Node, type: string): Expr {
  if (at.noted.has("!form") && simpleType(type) === "String") return nameAt(node, "!form");
  return { kind: "other", parts: [], start: node.start, end: node.start };
}

function plainLoop(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const { start, end } = node;
  const body = inner.at(-1);
  const before = inner.filter(
    ({ kind }) => kind === "local_variable_declaration" || kind === "assignment_expression",
  );
  const test = inner.find(({ kind }) => kind === "binary_expression" || kind === "method_invocation");
  const endless = isEndless(at, node, test, body) ? [callAt(node, nameAt(node, "!endless"), [])] : [];
  return [
    ...endless.map((value): Statement => ({ kind: "do", value, start, end: start + 1 })),
    ...lowerAll(
      at,
      before.filter((part) => part !== body),
    ),
    {
      kind: "loop",
      ...(test === undefined ? {} : { test: lowerExpression(at, test) }),
      body: one(at, body),
      start,
      end,
    },
  ];
}

/**
 * Whether a loop such as `for (int j = 0; i < 10; j++)` never ends: it changes no variable of its test and has no exit.
 */
function isEndless(at: Lowering, node: Node, test: Node | undefined, body: Node | undefined): boolean {
  if (test?.kind !== "binary_expression" || body === undefined) return false;
  const operands = codeOf(test);
  if (!operands.every(({ kind }) => kind === "identifier" || /_literal$/.test(kind))) return false;
  const names = operands.filter(({ kind }) => kind === "identifier").map((one) => sourceOf(at.tree, one));
  const source = sourceOf(at.tree, node);
  const changed = new Set(
    [
      ...source.matchAll(
        /\b(\w{1,60})\s{0,3}(?:\+\+|--|[-+*/%&|^]?=(?!=)|(?:<<|>>)=)|(?:\+\+|--)\s{0,3}(\w{1,60})/g,
      ),
    ].map(([, before, behind]) => before ?? behind),
  );
  const updates = node.children.some(
    ({ kind }) => kind === "update_expression" || kind === "assignment_expression",
  );
  const leaves =
    /\b(return|throw|exit)\b/.test(source) ||
    /\bbreak\b/.test(source.replace(/if \(\w{1,60}\(\)\) break/g, ""));
  return updates && names.length > 0 && !leaves && !names.some((name) => changed.has(name));
}

function attempt(at: Lowering, node: Node): Statement {
  const { start, end } = node;
  const resources = codeOf(child(node, "resource_specification")).map((resource): Statement => {
    const inner = codeOf(resource);
    const value = behind(resource, "=");
    const name = inner.filter((part) => part !== value && part.kind === "identifier").at(-1);
    if (value === undefined || name === undefined)
      return { kind: "do", value: lowerExpression(at, inner[0]), start: resource.start, end: resource.end };
    return assignAt(resource, lowerExpression(at, name), lowerExpression(at, value));
  });
  const handlers = node.children.filter(({ kind }) => kind === "catch_clause");
  return {
    kind: "try",
    start,
    end,
    body: [...resources, ...lowerBlock(at, part(node, "block"))],
    handlers: handlers.map((clause) => handlerOf(at, clause)),
    last: lowerBlock(at, part(child(node, "finally_clause"), "block")),
  };
}

function handlerOf(at: Lowering, node: Node): Handler {
  const { start, end } = node;
  const takes = child(node, "catch_formal_parameter");
  const name = part(takes, "identifier");
  const caught = part(takes, "catch_type");
  return {
    name: name === undefined ? "" : sourceOf(at.tree, name),
    caught: caught === undefined ? "" : sourceOf(at.tree, caught),
    body: lowerBlock(at, part(node, "block")),
    start,
    end,
  };
}

/** Base classes whose fields are filled from a request. */
const forms = /^(ActionSupport|ActionForm|ValidatorForm|DispatchAction|DynaActionForm|ActionBean)$/;

/** Lowers a class. Its annotations become statements beside it. */
function classOf(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const name = part(node, "identifier");
  const bases = ["superclass", "super_interfaces"].flatMap((kind) => {
    const base = part(node, kind);
    return base === undefined ? [] : codeOf(base).map((one) => lowerExpression(at, one));
  });
  const body = part(node, "class_body", "interface_body", "enum_body", "annotation_type_body");
  if (bases.some((base) => base.kind === "name" && forms.test(base.name))) at.noted.add("!form");
  const marks = annotationsOf(at, node).map((value): Statement => {
    return { kind: "do", value, start: value.start, end: value.end };
  });
  return [
    ...marks,
    {
      kind: "class",
      name: name === undefined ? "" : sourceOf(at.tree, name),
      bases,
      body: lowerBlock(at, body),
      start,
      end,
    },
  ];
}

/** Types whose parameters rules know by type name. */
const objects = /^(Http)?ServletResponse$|^(PrintWriter|Model|ModelMap|ModelAndView|ServerHttpResponse)$/;

function methodOf(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  const name = part(node, "identifier");
  const word = name === undefined ? "" : sourceOf(at.tree, name);
  const parameters = javaParameters(at, part(node, "formal_parameters"));
  const held = parameters.flatMap((parameter): Statement[] => {
    const type = simpleType(parameter.type);
    const target = nameAt({ start, end: start }, parameter.name);
    if (isBufferType(type)) at.noted.add(parameter.name);
    if (objects.test(type)) return [assignAt(target, target, nameAt(target, type))];
    // the user who starts a program may name its files
    if (word === "main" && type === "String")
      return [
        assignAt(target, target, callAt(target, nameAt(target, "commandLine"), [nameAt(target, "!args")])),
      ];
    return [];
  });
  return {
    name: node.kind === "method_declaration" ? word : "constructor",
    parameters,
    body: [...held, ...lowerBlock(at, part(node, "block", "constructor_body"))],
    marks: annotationsOf(at, node),
    method: false,
    start,
    end,
  };
}

/** Lowers imports. Types use their simple names; the full name is an import without references. */
function imports(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const named = codeOf(node).find(({ kind }) => kind === "scoped_identifier" || kind === "identifier");
  const path = named === undefined ? "" : sourceOf(at.tree, named);
  const told: Statement = { kind: "import", local: path, path, start, end };
  const isStatic = node.children.some(({ kind }) => kind === "static");
  const names = path.split(".");
  if (!isStatic || names.length < 2 || node.children.some(({ kind }) => kind === "asterisk")) return [told];
  const local = names.at(-1) ?? "";
  return [told, { kind: "import", local, path: names.slice(-2).join("."), start, end }];
}
