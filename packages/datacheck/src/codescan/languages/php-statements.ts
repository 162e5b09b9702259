/** @file Lowers PHP's statements, classes and the text between tags to the common syntax. */
import type { Expr, Handler, Statement } from "../engine/syntax.ts";
import { behind, hasMark, type Node, part, sourceOf, type Tree } from "../engine/tree.ts";
import { operatorOf } from "./chain.ts";
import {
  assignAt,
  callAt,
  child,
  codeOf,
  constantText,
  type Lowering,
  lowerAll,
  lowerBlock,
  lowerExpression,
  memberAt,
  nameAt,
} from "./make.ts";
import { writtenBy } from "./php-calls.ts";
import { entriesFirst } from "./php-request.ts";
import { functionOf, isNoChange, lastName, phpExpression, phpSwitch } from "./php-tree.ts";

/** Lowers a file. */
export function lowerPhp(tree: Tree): Statement[] {
  const at: Lowering = {
    tree,
    expression: phpExpression,
    statement,
    noted: new Set<string>(),
    depth: 0,
  };
  const made = lowerBlock(at, tree.root);
  return [...entriesFirst(at), ...made];
}

const bodies = new Set([
  ...["compound_statement", "program", "ERROR", "colon_block", "declaration_list", "namespace_definition"],
  ...["else_clause", "finally_clause", "enum_declaration_list"],
]);
const ignored = new Set([
  ...[
    "text",
    "php_tag",
    "php_end_tag",
    "text_interpolation",
    "namespace_name",
    "name",
    "visibility_modifier",
  ],
  ...["global_declaration", "unset_statement", "use_declaration", "declare_statement"],
]);

function statement(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  const inner = codeOf(node);
  const [first] = inner;
  if (bodies.has(kind)) return lowerAll(at, inner);
  if (ignored.has(kind)) return [];
  switch (kind) {
    case "expression_statement":
      return first === undefined ? [] : simple(at, first, isShown(at, node));
    case "echo_statement":
      return [{ kind: "do", value: echoed(at, node, inner), start, end }];
    case "return_statement":
      return [
        ...innerAssignments(at, first),
        { kind: "return", ...(first === undefined ? {} : { value: lowerExpression(at, first) }), start, end },
      ];
    case "exit_statement":
      return [
        {
          kind: "do",
          start,
          end,
          value: callAt(node, nameAt(node, "exit"), first === undefined ? [] : [lowerExpression(at, first)]),
        },
      ];
    case "break_statement":
    case "continue_statement":
      return [{ kind: "stop", word: kind.replace("_statement", ""), start, end }];
    case "function_definition":
    case "method_declaration":
      return [{ kind: "function", made: functionOf(at, node), start, end }];
    case "class_declaration":
    case "trait_declaration":
    case "interface_declaration":
    case "enum_declaration":
      return [classOf(at, node)];
    case "property_declaration":
    case "const_declaration":
    case "function_static_declaration":
      return declared(at, node, inner);
    case "namespace_use_declaration":
      return inner.flatMap((one) => imported(at, one));
    default:
      return compound(at, node, inner);
  }
}

function compound(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const { start, end, kind } = node;
  const [first] = inner;
  switch (kind) {
    case "if_statement":
      return conditional(at, node);
    case "foreach_statement":
      return [each(at, node, inner)];
    case "while_statement":
    case "do_statement": {
      const test = part(node, "parenthesized_expression");
      const before = innerAssignments(at, test);
      const body = lowerAll(
        at,
        inner.filter((one) => one !== test),
      );
      return [
        ...before,
        { kind: "loop", test: lowerExpression(at, test), body: [...before, ...body], start, end },
      ];
    }
    case "for_statement": {
      const body = inner.at(-1);
      const heads = inner.filter((one) => one !== body);
      const before = heads.filter((one) => one.kind === "assignment_expression");
      const test = heads.find((one) => one.kind === "binary_expression");
      const tested = test === undefined ? {} : { test: lowerExpression(at, test) };
      return [
        ...lowerAll(at, before),
        { kind: "loop", ...tested, body: body === undefined ? [] : lowerAll(at, [body]), start, end },
      ];
    }
    case "try_statement":
      return [attempt(at, node)];
    case "switch_statement":
      return phpSwitch(at, node);
    default:
      return first === undefined && node.children.length > 0 ? [] : simple(at, node, false);
  }
}

/** Whether a node is `<?= $x ?>`. */
function isShown(at: Lowering, node: Node): boolean {
  return /<\?=\s{0,40}$/.test(at.tree.text.slice(Math.max(0, node.start - 44), node.start));
}

function echoed(at: Lowering, node: Node, inner: readonly Node[]): Expr {
  const [first] = inner;
  const shown = first?.kind === "sequence_expression" ? sequence(first) : inner;
  return callAt(
    node,
    nameAt(node, "echo"),
    shown.map((one) => lowerExpression(at, one)),
  );
}

/** The parts of `$a, $b, $c`, which nests to the right. */
function sequence(node: Node): Node[] {
  const found: Node[] = [];
  let left: Node | undefined = node;
  for (let count = 0; left !== undefined && count < 1000; count++) {
    const inner: Node[] = codeOf(left);
    const next: Node | undefined = inner.find(({ kind }) => kind === "sequence_expression");
    found.push(...inner.filter((one) => one !== next));
    left = next;
  }
  return found;
}

/** Lowers an assignment or an expression statement. */
function simple(at: Lowering, node: Node, shown: boolean): Statement[] {
  const { start, end, kind } = node;
  if (shown) {
    const value = callAt(node, nameAt(node, "echo"), [lowerExpression(at, node)]);
    return [{ kind: "do", value, start, end }];
  }
  if (kind === "assignment_expression" || kind === "augmented_assignment_expression") {
    const [target, value] = codeOf(node);
    const mark = operatorOf(node).replace(/=$/, "");
    // `$list[] = $x` appends to the list
    if (target?.kind === "subscript_expression" && codeOf(target).length === 1) {
      const list = lowerExpression(at, codeOf(target)[0]);
      const pushed = callAt(node, memberAt(node, list, "push"), [lowerExpression(at, value)]);
      return [...innerAssignments(at, value), { kind: "do", value: pushed, start, end }];
    }
    const operator =
      kind === "assignment_expression" || mark === "" || mark === "??" ? {} : { operator: mark };
    const made = { target: lowerExpression(at, target), value: lowerExpression(at, value) };
    // `$x += 0` converts $x to a number
    if (isNoChange(mark, made.value)) {
      const number = callAt(node, nameAt(node, "intval"), [made.target]);
      return [{ kind: "assign", target: made.target, value: number, start, end }];
    }
    return [...innerAssignments(at, value), { kind: "assign", ...made, ...operator, start, end }];
  }
  if (kind === "throw_expression")
    return [{ kind: "stop", word: "throw", value: lowerExpression(at, codeOf(node)[0]), start, end }];
  if (kind === "name" && /^(die|exit)$/i.test(sourceOf(at.tree, node)))
    return [{ kind: "do", value: callAt(node, nameAt(node, "exit"), []), start, end }];
  const value = lowerExpression(at, node);
  const done: Statement = { kind: "do", value, start, end };
  return [...innerAssignments(at, node), done, ...defined(node, value), ...writtenBy(value)];
}

/** `define("KEY", "x")` assigns a value to a name. */
function defined(node: Node, value: Expr): Statement[] {
  if (value.kind !== "call" || value.callee.kind !== "name" || value.callee.name !== "define") return [];
  const [name, given] = value.args;
  const word = constantText(name?.value);
  return word === undefined || given === undefined ? [] : [assignAt(node, nameAt(node, word), given.value)];
}

/** Assignments within an expression: `while ($row = $result->fetch())`, `$a = $b = 1`. */
function innerAssignments(at: Lowering, node: Node | undefined): Statement[] {
  const found: Statement[] = [];
  const waiting = node === undefined ? [] : [node];
  for (let count = 0; waiting.length > 0 && count < 100; count++) {
    const one = waiting.pop();
    if (one === undefined) break;
    if (one.kind === "assignment_expression") {
      const [target, value] = codeOf(one);
      found.unshift(assignAt(one, lowerExpression(at, target), lowerExpression(at, value)));
    }
    // `if (exec($command, $lines))`: the nested call writes to its arguments
    if (one.kind === "function_call_expression" && one !== node)
      found.push(...writtenBy(lowerExpression(at, one)));
    waiting.push(...one.children.filter(({ kind }) => !/function(?!_call)|class|compound|text/.test(kind)));
  }
  return found;
}

function conditional(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const clauses = node.children.filter(({ kind }) => kind === "else_if_clause" || kind === "else_clause");
  const metOf = (one: Node): Statement[] =>
    lowerAll(
      at,
      codeOf(one).filter(({ kind }) => kind !== "parenthesized_expression" && !/^else/.test(kind)),
    );
  let otherwise: Statement[] = [];
  for (const clause of clauses.reverse()) {
    const body = metOf(clause);
    const test = part(clause, "parenthesized_expression");
    otherwise =
      clause.kind === "else_clause"
        ? body
        : [
            {
              kind: "if",
              test: lowerExpression(at, test),
              met: body,
              otherwise,
              start: clause.start,
              end: clause.end,
            },
          ];
  }
  const test = part(node, "parenthesized_expression");
  const made: Statement = {
    kind: "if",
    test: lowerExpression(at, test),
    met: metOf(node),
    otherwise,
    start,
    end,
  };
  return [...innerAssignments(at, test), made];
}

function each(at: Lowering, node: Node, inner: readonly Node[]): Statement {
  const { start, end } = node;
  const [from, named] = inner;
  const target = named?.kind === "pair" ? codeOf(named).at(-1) : named;
  const body = inner.slice(2);
  return {
    kind: "loop",
    target: lowerExpression(at, target),
    from: lowerExpression(at, from),
    body: lowerAll(at, body),
    start,
    end,
  };
}

function attempt(at: Lowering, node: Node): Statement {
  const { start, end } = node;
  const clauses = node.children.filter(({ kind }) => kind === "catch_clause");
  const last = part(node, "finally_clause");
  return {
    kind: "try",
    body: lowerBlock(at, part(node, "compound_statement")),
    start,
    end,
    handlers: clauses.map((one) => handlerOf(at, one)),
    last: last === undefined ? [] : lowerAll(at, [last]),
  };
}

function handlerOf(at: Lowering, node: Node): Handler {
  const { start, end } = node;
  const name = part(node, "variable_name");
  const caught = part(node, "type_list");
  return {
    name: name === undefined ? "" : sourceOf(at.tree, name),
    caught: caught === undefined ? "" : sourceOf(at.tree, caught),
    body: lowerBlock(at, part(node, "compound_statement")),
    start,
    end,
  };
}

function classOf(at: Lowering, node: Node): Statement {
  const { start, end } = node;
  const name = part(node, "name");
  const bases = codeOf(child(node, "base_clause")).map((one) => lowerExpression(at, one));
  const body = part(node, "declaration_list", "enum_declaration_list");
  return {
    kind: "class",
    name: name === undefined ? "" : sourceOf(at.tree, name),
    bases,
    body: lowerBlock(at, body),
    start,
    end,
  };
}

/** Lowers declarations. A property is `$this->name`; a constant is known by its name. */
function declared(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  return inner
    .filter(({ kind }) => /^(property_element|const_element|static_variable_declaration)$/.test(kind))
    .flatMap((one): Statement[] => {
      const [named] = codeOf(one);
      const value = hasMark(one, "=") ? behind(one, "=") : codeOf(one)[1];
      if (named === undefined || value === undefined) return [];
      const word = sourceOf(at.tree, named);
      const target =
        node.kind === "property_declaration"
          ? memberAt(named, nameAt(named, "$this"), word.replace(/^\$/, ""))
          : nameAt(named, word);
      const given = lowerExpression(at, value);
      const made = assignAt(one, target, given);
      const own = { ...named, start: named.start };
      return node.kind === "const_declaration"
        ? [made, assignAt(one, memberAt(own, nameAt(own, "self"), word), given)]
        : [made];
    });
}

function imported(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  if (node.kind !== "namespace_use_clause") return [];
  const [named] = codeOf(node);
  const path = named === undefined ? "" : sourceOf(at.tree, named).replace(/^\\/, "");
  const alias = hasMark(node, "as") ? codeOf(node).at(-1) : undefined;
  const told: Statement = { kind: "import", local: path, path: path.replaceAll("\\", "."), start, end };
  if (alias === undefined) return [told];
  return [told, { kind: "import", local: sourceOf(at.tree, alias), path: lastName(path), start, end }];
}
