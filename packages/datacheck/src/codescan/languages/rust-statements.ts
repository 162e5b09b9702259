/** @file Lowers Rust's statements, functions and expressions used as statements to the common syntax. */
import type { Expr, FunctionMade, Statement } from "../engine/syntax.ts";
import { behind, type Node, part, sourceOf, type Tree } from "../engine/tree.ts";
import { operatorOf } from "./chain.ts";
import {
  assignAt,
  callAt,
  child,
  codeOf,
  type Lowering,
  lowerAll,
  lowerExpression,
  memberAt,
  nameAt,
  operationAt,
} from "./make.ts";
import { argumentsIn } from "./rust-macros.ts";
import { bareType, shortPath } from "./rust-names.ts";
import { bindPattern, isValue, labelsOf, rustExpression, rustParameters } from "./rust-tree.ts";

/** Lowers a file. */
export function lowerRust(tree: Tree): Statement[] {
  const at: Lowering = { tree, expression: rustExpression, statement, noted: new Set<string>(), depth: 0 };
  return items(at, tree.root);
}

const attributes = new WeakMap<Node, readonly Node[]>();
const bodies = new Set(["source_file", "declaration_list", "ERROR"]);

/** The items in a body, each with its attributes. Tests are skipped. */
function items(at: Lowering, node: Node): Statement[] {
  let before: Node[] = [];
  const code: Node[] = [];
  for (const one of codeOf(node)) {
    if (one.kind === "attribute_item") {
      before.push(one);
      continue;
    }
    const isTest = before.some((mark) => /\b(test|cfg\(test\)|bench)\b/.test(sourceOf(at.tree, mark)));
    if (!isTest) code.push(one);
    attributes.set(one, before);
    before = [];
  }
  return lowerAll(at, code);
}

function statement(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  if (bodies.has(kind)) return items(at, node);
  switch (kind) {
    case "block":
      return blockOf(at, node, returned);
    case "function_item":
      return [{ kind: "function", made: functionOf(at, node), start, end }];
    case "impl_item":
    case "trait_item":
    case "mod_item":
    case "foreign_mod_item":
      return classOf(at, node);
    case "use_declaration":
      return codeOf(node).flatMap((one) => imports(at, one, ""));
    case "const_item":
    case "static_item":
    case "let_declaration":
      return declared(at, node);
    case "expression_statement":
      return finished(at, codeOf(node)[0], done);
    case "struct_item":
    case "enum_item":
    case "type_item":
    case "macro_definition":
    case "empty_statement":
    case "attribute_item":
    case "inner_attribute_item":
    case "extern_crate_declaration":
    case "function_signature_item":
    case "associated_type":
    case "union_item":
    case "visibility_modifier":
    case "label":
      return [];
    default:
      return finished(at, node, done);
  }
}

/** How the value of an expression is used. */
type Finish = (value: Expr) => Statement;

const done: Finish = (value) => ({ kind: "do", value, start: value.start, end: value.end });
const returned: Finish = (value) => ({ kind: "return", value, start: value.start, end: value.end });

/** Lowers a block whose last expression is its value. */
function blockOf(at: Lowering, node: Node | undefined, finish: Finish): Statement[] {
  if (node === undefined) return [];
  const inside = node.kind === "block" ? node : (part(node, "block") ?? node);
  if (inside.kind !== "block") return finished(at, inside, finish);
  const code = codeOf(inside);
  const last = code.at(-1);
  if (last === undefined || !isValue(last)) return items(at, inside);
  const before = items(at, { ...inside, children: inside.children.filter((one) => one !== last) });
  const value = last.kind === "expression_statement" ? codeOf(last)[0] : last;
  return [...before, ...finished(at, value, finish)];
}

/** Lowers an expression and applies `finish` to its value, separately in each branch. */
function finished(at: Lowering, node: Node | undefined, finish: Finish): Statement[] {
  if (node === undefined || at.depth > 240) return [];
  at.depth += 1;
  const made = finishedAt(at, node, finish);
  at.depth -= 1;
  return made;
}

function finishedAt(at: Lowering, node: Node, finish: Finish): Statement[] {
  const { start, end, kind } = node;
  const inner = codeOf(node);
  const [first] = inner;
  switch (kind) {
    case "if_expression":
      return [branch(at, node, finish)];
    case "match_expression":
      return matched(at, node, finish);
    case "block":
    case "unsafe_block":
    case "async_block":
    case "const_block":
      return blockOf(at, node, finish);
    case "loop_expression":
      return [{ kind: "loop", body: blockOf(at, part(node, "block"), done), start, end }];
    case "while_expression":
      return [whileLoop(at, node, inner)];
    case "for_expression": {
      const from = behind(node, "in");
      const [target] = inner.filter((one) => one.kind !== "label");
      return [
        {
          kind: "loop",
          target: lowerExpression(at, target),
          from: lowerExpression(at, from),
          body: blockOf(at, part(node, "block"), done),
          start,
          end,
        },
      ];
    }
    case "return_expression":
      return [
        ...filled(at, first),
        ...(first === undefined ? [{ kind: "return" as const, start, end }] : finished(at, first, returned)),
      ];
    case "break_expression":
    case "continue_expression":
      return [{ kind: "stop", word: kind.replace("_expression", ""), start, end }];
    case "assignment_expression":
    case "compound_assignment_expr":
      return assigned(at, node, inner);
    case "parenthesized_expression":
      return finished(at, first, finish);
    default:
      return [
        ...filled(at, node),
        ...(appended(at, node) ?? stopped(at, node) ?? [finish(lowerExpression(at, node))]),
      ];
  }
}

/** `panic!()` and similar macros do not return. */
function stopped(at: Lowering, node: Node): Statement[] | undefined {
  if (node.kind !== "macro_invocation") return undefined;
  const word = shortPath(sourceOf(at.tree, node.children[0] ?? node));
  const { start, end } = node;
  if (/^(assert|debug_assert)$/.test(word)) {
    const test = argumentsIn(at, child(node, "token_tree"))[0]?.value;
    return test === undefined ? undefined : [{ kind: "assert", test, start, end }];
  }
  const value = { value: lowerExpression(at, node) };
  return /^(panic|unreachable|todo|unimplemented|bail)$|\.bail$/.test(word)
    ? [{ kind: "stop", word: "throw", ...value, start, end }]
    : undefined;
}

function branch(at: Lowering, node: Node, finish: Finish): Statement {
  const { start, end } = node;
  const [test, met] = codeOf(node);
  const otherwise = codeOf(child(node, "else_clause"))[0];
  return {
    kind: "if",
    test: lowerExpression(at, test),
    start,
    end,
    met: [...bound(at, test), ...blockOf(at, met, finish)],
    otherwise: otherwise === undefined ? [] : finished(at, otherwise, finish),
  };
}

/** The variables bound by `if let` and `while let`. */
function bound(at: Lowering, test: Node | undefined): Statement[] {
  if (test === undefined) return [];
  if (test.kind === "let_chain" || test.kind === "binary_expression")
    return codeOf(test).flatMap((one) => bound(at, one));
  if (test.kind !== "let_condition") return [];
  const value = behind(test, "=");
  return bindPattern(at, codeOf(test)[0], lowerExpression(at, value));
}

function whileLoop(at: Lowering, node: Node, inner: readonly Node[]): Statement {
  const { start, end } = node;
  const [test] = inner.filter(({ kind }) => kind !== "label");
  const body = [...bound(at, test), ...blockOf(at, part(node, "block"), done)];
  return { kind: "loop", test: lowerExpression(at, test), body, start, end };
}

function matched(at: Lowering, node: Node, finish: Finish): Statement[] {
  const [subject] = codeOf(node);
  const value = lowerExpression(at, subject);
  const arms = codeOf(child(node, "match_block")).filter(({ kind }) => kind === "match_arm");
  return [
    ...filled(at, subject),
    ...arms.map((arm): Statement => {
      const { start, end } = arm;
      const pattern = child(arm, "match_pattern");
      const labels = labelsOf(at, pattern);
      const guard = behind(pattern, "if");
      const other: Expr = { kind: "other", parts: [value], start, end };
      const entries = labels.map((one) => ({ value: one }));
      const isOne: Expr = operationAt(arm, "in", [value, { kind: "group", entries, start, end }]);
      const test = guard === undefined ? (labels.length === 0 ? other : isOne) : lowerExpression(at, guard);
      const bindings = bindPattern(at, pattern, value);
      const met = [...bindings, ...finished(at, codeOf(arm).at(-1), finish)];
      return { kind: "if", test, met, otherwise: [], start, end };
    }),
  ];
}

/**
 * Lowers `let`, `const` and `static`. In `let ... else`, the `else` branch leaves the block if the pattern does not
 * match.
 */
function declared(at: Lowering, node: Node): Statement[] {
  const value = behind(node, "=");
  const type = behind(node, ":");
  const source = type === undefined ? "" : bareType(sourceOf(at.tree, type));
  const pattern = codeOf(node).find(
    ({ kind }) => kind !== "visibility_modifier" && kind !== "mutable_specifier" && kind !== "block",
  );
  if (value === undefined || pattern === undefined) return [];
  const isText = /^(String(::(new|with_capacity))?|PathBuf)\b/.test(
    at.tree.text.slice(value.start, value.start + 30),
  );
  if (pattern.kind === "identifier" && isText) at.noted.add(`text ${sourceOf(at.tree, pattern)}`);
  const isPlain = /^(u8|u16|u32|u64|u128|usize|i8|i16|i32|i64|i128|isize|f32|f64|bool|Uuid)$/.test(source);
  const finish: Finish = (given) => {
    const held =
      isPlain && given.kind !== "constant" ? callAt(given, nameAt(given, "!number"), [given]) : given;
    const [only, ...more] = bindPattern(at, pattern, held);
    const { start, end } = node;
    if (only?.kind === "assign" && more.length === 0) return { ...only, start, end, type: source };
    return { kind: "block", body: only === undefined ? [] : [only, ...more], start, end };
  };
  // constants have upper-case names
  const isConstant = pattern.kind === "identifier" && node.kind !== "let_declaration";
  const held = isConstant
    ? [assignAt(node, nameAt(pattern, sourceOf(at.tree, pattern)), lowerExpression(at, value))]
    : [...filled(at, value), ...finished(at, value, finish)];
  const otherwise = behind(node, "else");
  if (otherwise === undefined) return held;
  const { start, end } = otherwise;
  const test: Expr = { kind: "other", parts: [], start, end };
  return [...held, { kind: "if", test, met: blockOf(at, otherwise, done), otherwise: [], start, end }];
}

function assigned(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const { start, end } = node;
  const [target, value] = inner;
  const mark = operatorOf(node).replace(/=$/, "");
  const operator = mark === "" ? {} : { operator: mark };
  const to = lowerExpression(at, target);
  const finish: Finish = (given) => ({ kind: "assign", target: to, value: given, ...operator, start, end });
  return [...filled(at, value), ...finished(at, value, finish)];
}

const fillers =
  /^(read_line|read_to_string|read_to_end|read|read_exact|recv|peek|fill_bytes|try_fill_bytes|fill|read_until)$/;

/** `input.read_line(&mut line)` writes to `line`. */
function filled(at: Lowering, node: Node | undefined): Statement[] {
  const found: Statement[] = [];
  const waiting = node === undefined ? [] : [node];
  for (let count = 0; waiting.length > 0 && count < 60; count++) {
    const one = waiting.pop();
    if (one === undefined) break;
    const [callee] = codeOf(one);
    const name = callee?.kind === "field_expression" ? codeOf(callee)[1] : undefined;
    const [target] = codeOf(child(one, "arguments"));
    const isFilled =
      target?.kind === "reference_expression" && part(target, "mutable_specifier") !== undefined;
    if (
      one.kind === "call_expression" &&
      isFilled &&
      name !== undefined &&
      fillers.test(sourceOf(at.tree, name))
    ) {
      const object = lowerExpression(at, callee === undefined ? undefined : codeOf(callee)[0]);
      const value = callAt(one, memberAt(one, object, sourceOf(at.tree, name)), []);
      found.unshift(assignAt(one, lowerExpression(at, target), value));
    }
    waiting.push(...one.children.filter(({ named, kind }) => named && !/closure|block|_item$/.test(kind)));
  }
  return found;
}

/** `text.push_str(more)` and `write!(text, "...")` append to a text. */
function appended(at: Lowering, node: Node): Statement[] | undefined {
  const { start, end } = node;
  const inner = node.kind === "try_expression" ? (codeOf(node)[0] ?? node) : node;
  const [callee] = codeOf(inner);
  if (inner.kind === "call_expression" && callee?.kind === "field_expression") {
    const [object, name] = codeOf(callee);
    const word = name === undefined ? "" : sourceOf(at.tree, name);
    if (word === "unwrap" && object !== undefined) return appended(at, object);
    const isText = object !== undefined && at.noted.has(`text ${sourceOf(at.tree, object)}`);
    if (word !== "push_str" && !(word === "push" && isText)) return undefined;
    const value = lowerExpression(at, codeOf(child(inner, "arguments"))[0]);
    return [{ kind: "assign", target: lowerExpression(at, object), value, operator: "+", start, end }];
  }
  if (
    inner.kind !== "macro_invocation" ||
    callee === undefined ||
    !/^writeln?$/.test(sourceOf(at.tree, callee))
  )
    return undefined;
  const value = lowerExpression(at, inner);
  if (value.kind !== "call") return undefined;
  const [text, target] = value.args.map((one) => one.value);
  if (text === undefined || target?.kind !== "name" || !at.noted.has(`text ${target.name}`)) return undefined;
  return [{ kind: "assign", target, value: text, operator: "+", start, end }];
}

/** Lowers `impl`, `trait` and `mod`: functions in a named scope. */
function classOf(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const list = part(node, "declaration_list");
  if (list === undefined) return [];
  const types = codeOf(node).filter(({ kind }) => /type|identifier/.test(kind) && kind !== "type_parameters");
  const name = types.at(-1);
  const word = name === undefined ? "" : shortPath(sourceOf(at.tree, name));
  const body = items(at, list);
  return node.kind === "mod_item" ? body : [{ kind: "class", name: word, bases: [], body, start, end }];
}

function functionOf(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  const name = part(node, "identifier");
  const parameters = rustParameters(at, child(node, "parameters"));
  const marks = (attributes.get(node) ?? []).map((one): Expr => {
    const [attribute] = codeOf(one);
    const [path] = attribute === undefined ? [] : codeOf(attribute);
    return nameAt(one, path === undefined ? "" : shortPath(sourceOf(at.tree, path)));
  });
  const returns = behind(node, "->");
  const type = returns === undefined ? "" : sourceOf(at.tree, returns).slice(0, 200);
  const answers =
    /\b(impl\s{1,9}(\w{1,30}::){0,3}(Responder|IntoResponse|Reply)|HttpResponse|Markup|RawHtml|NamedFile)\b/.test(
      type,
    );
  const isPublic = /\b(Path|Query|Form|Json)</.test(parameters.map((one) => one.type).join(" "));
  return {
    name: name === undefined ? "" : sourceOf(at.tree, name),
    parameters,
    body: blockOf(at, part(node, "block"), returned),
    marks: answers || isPublic ? [...marks, nameAt({ start, end: start }, "!handler")] : marks,
    method: parameters[0]?.name === "self",
    start,
    end,
  };
}

/** `use a::b::{self, c as d, e::*}`: reports the whole path and maps each name to its shortened path. */
function imports(at: Lowering, node: Node, prefix: string): Statement[] {
  const { start, end } = node;
  const inner = codeOf(node);
  const source = sourceOf(at.tree, node);
  const under = (path: string): string => (prefix === "" ? path : `${prefix}::${path}`);
  const told = (path: string): Statement => {
    const dotted = path.replaceAll("::", ".");
    return { kind: "import", local: `use ${dotted}`, path: dotted, start, end };
  };
  switch (node.kind) {
    case "scoped_use_list":
    case "use_list": {
      const [first] = inner;
      const base =
        node.kind === "scoped_use_list" && first !== undefined ? under(sourceOf(at.tree, first)) : prefix;
      const list = node.kind === "use_list" ? node : child(node, "use_list");
      return at.depth > 100
        ? []
        : codeOf(list)
            .slice(0, 200)
            .flatMap((one) => imports(at, one, base));
    }
    case "use_as_clause": {
      const [path, local] = inner;
      if (path === undefined || local === undefined) return [];
      const whole = under(sourceOf(at.tree, path));
      return [
        told(whole),
        { kind: "import", local: sourceOf(at.tree, local), path: shortPath(whole), start, end },
      ];
    }
    case "use_wildcard":
      return [told(under(inner[0] === undefined ? "" : sourceOf(at.tree, inner[0])))];
    case "self": {
      const local = prefix.split("::").at(-1) ?? "";
      return [told(prefix), { kind: "import", local, path: local, start, end }];
    }
    case "identifier":
    case "scoped_identifier": {
      const whole = under(source);
      const local = source.split("::").at(-1) ?? "";
      // a module is known by its own name, a function by its module's name as well
      const isPart =
        /^[a-z]/.test(local) && whole.includes("::") && !/^(std|tokio|core|async_std)::\w{1,20}$/.test(whole);
      return [told(whole), { kind: "import", local, path: isPart ? shortPath(whole) : local, start, end }];
    }
    default:
      return [];
  }
}
