/** @file Lowers Python's statements to the common syntax. */
import type { Expr, FunctionMade, Handler, Statement } from "../engine/syntax.ts";
import { behind, hasMark, type Node, part, parts, sourceOf, type Tree } from "../engine/tree.ts";
import { nested, nothingAt } from "./nesting.ts";
import { expression, type Lowering, parametersOf } from "./python-tree.ts";

/** Lowers a file. */
export function lowerPython(tree: Tree): Statement[] {
  return block({ tree, depth: 0 }, tree.root);
}

function block(at: Lowering, node: Node | undefined): Statement[] {
  if (node === undefined) return [];
  return nested<Statement[]>(at, [], () => parts(node).flatMap((one) => statement(at, one)));
}

function statement(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  const inner = parts(node);
  const [first] = inner;
  switch (kind) {
    case "expression_statement":
      return inner.length === 1 && first !== undefined
        ? simple(at, first)
        : [{ kind: "do", value: expression(at, node), start, end }];
    case "return_statement":
      return [
        { kind: "return", ...(first === undefined ? {} : { value: expression(at, first) }), start, end },
      ];
    case "raise_statement":
    case "break_statement":
    case "continue_statement":
      return [
        {
          kind: "stop",
          word: kind.replace("_statement", ""),
          ...(first === undefined ? {} : { value: expression(at, first) }),
          start,
          end,
        },
      ];
    case "ERROR":
    case "block":
    case "module":
      return block(at, node);
    case "print_statement":
    case "exec_statement":
      return [
        {
          kind: "do",
          value: {
            kind: "call",
            callee: { kind: "name", name: kind.replace("_statement", ""), start, end },
            args: inner.map((one) => ({ value: expression(at, one) })),
            start,
            end,
          },
          start,
          end,
        },
      ];
    default:
      return compound(at, node, inner);
  }
}

/** Lowers statements that contain others. */
function compound(at: Lowering, node: Node, inner: readonly Node[]): Statement[] {
  const { start, end, kind } = node;
  const [first] = inner;
  switch (kind) {
    case "if_statement":
      return [conditional(at, node)];
    case "for_statement":
      return [
        {
          kind: "loop",
          target: expression(at, first),
          from: expression(at, behind(node, "in")),
          body: block(at, part(node, "block")),
          start,
          end,
        },
        ...block(at, part(part(node, "else_clause") ?? empty, "block")),
      ];
    case "while_statement":
      return [
        { kind: "loop", test: expression(at, first), body: block(at, part(node, "block")), start, end },
      ];
    case "try_statement":
      return [attempt(at, node)];
    case "with_statement":
      return [
        { kind: "block", body: [...managers(at, node), ...block(at, part(node, "block"))], start, end },
      ];
    case "function_definition":
      return [{ kind: "function", made: functionMade(at, node, []), start, end }];
    case "decorated_definition":
      return decorated(at, node, inner);
    case "class_definition":
      return [classMade(at, node)];
    case "import_statement":
    case "import_from_statement":
    case "future_import_statement":
      return imports(at, node);
    case "assert_statement":
      return [{ kind: "assert", test: expression(at, first), start, end }];
    case "match_statement":
      return [{ kind: "block", body: matching(at, node), start, end }];
    default:
      return /_statement$/.test(kind) ? [] : simple(at, node);
  }
}

const empty: Node = { kind: "", start: 0, end: 0, named: false, children: [] };

/** Lowers an assignment or an expression statement. */
function simple(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  const [target] = parts(node);
  if (kind === "augmented_assignment") {
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
  if (kind === "named_expression" || (kind === "assignment" && hasMark(node, "="))) {
    const value = behind(node, kind === "assignment" ? "=" : ":=");
    const typed = part(node, "type");
    const type = typed === undefined ? {} : { type: sourceOf(at.tree, typed) };
    // `a = b = value` nests to the right
    const before = value?.kind === "assignment" ? simple(at, value) : [];
    const last = value?.kind === "assignment" ? parts(value).at(-1) : value;
    return [
      ...before,
      { kind: "assign", target: expression(at, target), value: expression(at, last), ...type, start, end },
    ];
  }
  if (kind === "assignment") return [];
  return [...walruses(at, node), { kind: "do", value: expression(at, node), start, end }];
}

/** `(name := value)` within an expression assigns the name first. */
function walruses(at: Lowering, node: Node | undefined): Statement[] {
  const found: Statement[] = [];
  const waiting = node === undefined ? [] : [node];
  for (let count = 0; waiting.length > 0 && count < 200; count++) {
    const one = waiting.pop() ?? empty;
    if (one.kind === "named_expression") {
      const [target, value] = parts(one);
      const { start, end } = one;
      found.push({
        kind: "assign",
        target: expression(at, target),
        value: expression(at, value),
        start,
        end,
      });
    }
    waiting.push(...one.children.filter(({ kind }) => kind !== "lambda"));
  }
  return found;
}

function conditional(at: Lowering, node: Node): Statement {
  const { start, end } = node;
  const others = node.children.filter(({ kind }) => kind === "elif_clause" || kind === "else_clause");
  let otherwise: Statement[] = [];
  for (const clause of others.reverse()) {
    const body = block(at, part(clause, "block"));
    otherwise =
      clause.kind === "else_clause"
        ? body
        : [
            {
              kind: "if",
              test: expression(at, parts(clause)[0]),
              met: body,
              otherwise,
              start: clause.start,
              end: clause.end,
            },
          ];
  }
  const [test] = parts(node);
  const made: Statement = {
    kind: "if",
    test: expression(at, test),
    met: block(at, part(node, "block")),
    otherwise,
    start,
    end,
  };
  const before = walruses(at, test);
  return before.length === 0 ? made : { kind: "block", body: [...before, made], start, end };
}

function attempt(at: Lowering, node: Node): Statement {
  const { start, end } = node;
  const clauses = node.children.filter(({ kind }) => /^except/.test(kind));
  const last = [part(node, "else_clause"), part(node, "finally_clause")].flatMap((one) =>
    one === undefined ? [] : block(at, part(one, "block")),
  );
  return {
    kind: "try",
    body: block(at, part(node, "block")),
    handlers: clauses.map((one) => handlerOf(at, one)),
    last,
    start,
    end,
  };
}

function handlerOf(at: Lowering, node: Node): Handler {
  const { start, end } = node;
  const caught = parts(node).find(({ kind }) => kind !== "block");
  const source = caught === undefined ? "" : sourceOf(at.tree, caught);
  const [type = "", name = ""] = source.split(/\bas\b|,(?=[^,()]{1,60}$)/).map((word) => word.trim());
  const named = /^\w+$/.test(name) ? name : "";
  return { name: named, caught: type, body: block(at, part(node, "block")), start, end };
}

/** `with open(x) as f`: f is the opened object. */
function managers(at: Lowering, node: Node): Statement[] {
  const items = parts(part(node, "with_clause") ?? empty);
  return items.map((item): Statement => {
    const { start, end } = item;
    const [pattern] = parts(item);
    const [value, target] = pattern?.kind === "as_pattern" ? parts(pattern) : [pattern];
    const [name] = target === undefined ? [] : parts(target);
    return name === undefined
      ? { kind: "do", value: expression(at, value), start, end }
      : { kind: "assign", target: expression(at, name), value: expression(at, value), start, end };
  });
}

function functionMade(at: Lowering, node: Node, marks: readonly Expr[]): FunctionMade {
  const { start, end } = node;
  const name = part(node, "identifier");
  const parameters = parametersOf(at, part(node, "parameters"));
  const method = /^(self|cls)$/.test(parameters[0]?.name ?? "");
  const body = block(at, part(node, "block"));
  return {
    name: name === undefined ? "" : sourceOf(at.tree, name),
    parameters,
    body,
    marks,
    method,
    start,
    end,
  };
}

function decorated(at: Lowering, { start, end }: Node, inner: readonly Node[]): Statement[] {
  const marks = inner.filter(({ kind }) => kind === "decorator").map((one) => expression(at, parts(one)[0]));
  const made = inner.at(-1);
  if (made?.kind === "function_definition")
    return [{ kind: "function", made: functionMade(at, made, marks), start, end }];
  return made === undefined || made.kind === "decorator" ? [] : statement(at, made);
}

function classMade(at: Lowering, node: Node): Statement {
  const { start, end } = node;
  const name = part(node, "identifier");
  const bases = parts(part(node, "argument_list") ?? empty).map((one) => expression(at, one));
  return {
    kind: "class",
    name: name === undefined ? "" : sourceOf(at.tree, name),
    bases,
    body: block(at, part(node, "block")),
    start,
    end,
  };
}

function imports(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const [module, ...names] = parts(node);
  const isFrom = node.kind === "import_from_statement";
  const base = isFrom && module !== undefined ? sourceOf(at.tree, module).replace(/^\.+/, "") : "";
  const bring = (local: string, path: string): Statement => ({ kind: "import", local, path, start, end });
  if (hasWildcard(node)) return [bring("*", base)];
  const listed = isFrom ? names : module === undefined ? [] : [module, ...names];
  return listed.map((one) => {
    const [name, alias] = one.kind === "aliased_import" ? parts(one) : [one];
    const source = name === undefined ? "" : sourceOf(at.tree, name);
    const whole = base === "" ? source : `${base}.${source}`;
    if (alias !== undefined) return bring(sourceOf(at.tree, alias), whole);
    // `import a.b` binds `a`
    return isFrom
      ? bring(source, whole)
      : bring(source.split(".")[0] ?? source, source.split(".")[0] ?? source);
  });
}

function hasWildcard(node: Node): boolean {
  return node.children.some(({ kind }) => kind === "wildcard_import");
}

/** Lowers `match`, one case after the other. Literals are compared; other patterns are unknown tests. */
function matching(at: Lowering, node: Node): Statement[] {
  const subject = expression(at, parts(node)[0]);
  const cases = parts(part(node, "block") ?? empty);
  let otherwise: Statement[] = [];
  for (const one of cases.reverse()) {
    const { start, end } = one;
    const patterns = one.children.filter(({ kind }) => kind === "case_pattern");
    const guard = part(one, "if_clause");
    const asked = patterns.map((pattern) => patternTest(at, subject, pattern));
    const test: Expr =
      guard === undefined && asked.length === 1 ? (asked[0] ?? nothingAt(one)) : nothingAt(one);
    otherwise = [{ kind: "if", test, met: block(at, part(one, "block")), otherwise, start, end }];
  }
  return otherwise;
}

function patternTest(at: Lowering, subject: Expr, pattern: Node): Expr {
  const { start, end } = pattern;
  const source = sourceOf(at.tree, pattern).slice(0, 2000);
  if (source === "_") return { kind: "constant", value: true, start, end };
  const inner = parts(pattern);
  const [first] = inner;
  const choices = first?.kind === "union_pattern" ? parts(first) : inner;
  const literals = new Set(["string", "integer", "float", "true", "false", "none", "concatenated_string"]);
  if (choices.length === 0 || !choices.every(({ kind }) => literals.has(kind))) return nothingAt(pattern);
  const tests = choices.map((one): Expr => {
    const operands = [subject, expression(at, one)];
    return { kind: "operation", operator: "==", operands, start: one.start, end: one.end };
  });
  const [only] = tests;
  return tests.length === 1 && only !== undefined
    ? only
    : { kind: "operation", operator: "or", operands: tests, start, end };
}
