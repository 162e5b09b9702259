/** @file Lowers shell scripts to the common syntax: commands in source order, regardless of branches and loops. */
import type { Expr, Span, Statement } from "../engine/syntax.ts";
import { type Node, part, parts, sourceOf, type Tree } from "../engine/tree.ts";
import { nested, nothingAt, nowhere } from "./nesting.ts";

/** Lowers a script. Each command is a call of its name; a pipeline is also a call of `!pipe`. */
export function lowerShell(tree: Tree): Statement[] {
  const made: Statement[] = [];
  const waiting: { node: Node; local: boolean; loop: boolean }[] = [
    { node: tree.root, local: false, loop: false },
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, local, loop } = next;
    made.push(...statements({ tree, local, loop, depth: 0 }, node));
    const inside = local || node.kind === "function_definition";
    for (const child of [...node.children].reverse())
      waiting.push({ node: child, local: inside, loop: loop || node.kind === "while_statement" });
  }
  return made.sort((a, b) => a.start - b.start || b.end - a.end);
}

interface Lowering {
  readonly tree: Tree;
  /** Within a function, `$1` is an argument from the script. */
  readonly local: boolean;
  /** Within a loop, `read` usually reads the output of another command. */
  readonly loop: boolean;
  depth: number;
}

function statements(at: Lowering, node: Node): Statement[] {
  const { start, end, kind } = node;
  switch (kind) {
    case "variable_assignment": {
      const [name, value] = parts(node);
      if (name?.kind !== "variable_name") return [];
      const target: Expr = { kind: "name", name: sourceOf(at.tree, name), start, end };
      return [{ kind: "assign", target, value: expression(at, value, true), start, end }];
    }
    case "for_statement": {
      const [name, ...from] = parts(node).filter((one) => one.kind !== "do_group");
      if (name === undefined) return [];
      const target: Expr = { kind: "name", name: sourceOf(at.tree, name), start, end: name.end };
      const items: Expr = { kind: "other", parts: from.map((one) => expression(at, one, true)), start, end };
      return [{ kind: "assign", target, value: items, start, end: name.end }];
    }
    case "command":
      return command(at, node);
    case "pipeline":
      return [{ kind: "do", value: callOf(node, "!pipe", []), start, end }];
    case "file_redirect":
      return [
        {
          kind: "do",
          value: callOf(
            node,
            "!redirect",
            parts(node).map((one) => expression(at, one, true)),
          ),
          start,
          end,
        },
      ];
    default:
      return [];
  }
}

/** Programs that only run the command that follows. */
const runners = /^(sudo|doas|env|nohup|time|exec|command|builtin|nice|timeout|xargs)$/;

function command(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const call = callIn(at, node);
  const made: Statement[] = [{ kind: "do", value: call, start, end }];
  if (call.kind !== "call" || call.callee.kind !== "name" || call.callee.name !== "read") return made;
  for (const one of parts(node).slice(1)) {
    const source = sourceOf(at.tree, one);
    if (!/^\w{1,60}$/.test(source)) continue;
    const target: Expr = { kind: "name", name: source, start: one.start, end: one.end };
    made.push({
      kind: "assign",
      target,
      value: callOf(one, at.loop ? "!line" : "!input", []),
      start: one.start,
      end: one.end,
    });
  }
  return made;
}

function callIn(at: Lowering, node: Node): Expr {
  const words = parts(node).filter(({ kind }) => kind !== "variable_assignment" && !/redirect/.test(kind));
  let skip = 0;
  while (skip < words.length - 1 && runners.test(sourceOf(at.tree, words[skip] ?? node))) {
    skip += 1;
    while (skip < words.length - 1 && /^(-|\d{1,5}$|\w{1,40}=)/.test(sourceOf(at.tree, words[skip] ?? node)))
      skip += 1;
  }
  const [name, ...rest] = words.slice(skip);
  const called = name === undefined ? "" : sourceOf(at.tree, name).replace(/^["']|["']$/g, "");
  const args = rest.map((one) => expression(at, one, false));
  // the directory of a program does not matter: /usr/bin/curl
  return callOf(node, called.replace(/^\/[\w./-]{1,80}\//, ""), args);
}

function callOf({ start, end }: Span, name: string, args: readonly Expr[]): Expr {
  const callee: Expr = { kind: "name", name, start, end };
  return { kind: "call", callee, args: args.map((value) => ({ value })), start, end };
}

/** Lowers a word. The shell splits an unquoted variable into words, which `!unquoted()` marks. */
function expression(at: Lowering, node: Node | undefined, quoted: boolean): Expr {
  if (node === undefined) return nothingAt(nowhere);
  return nested<Expr>(at, nothingAt(nowhere), () => lowered(at, node, quoted));
}

function lowered(at: Lowering, node: Node, quoted: boolean): Expr {
  const { start, end, kind } = node;
  const inner = parts(node);
  switch (kind) {
    case "word":
    case "number":
    case "string_content":
    case "heredoc_content":
      return { kind: "text", pieces: [sourceOf(at.tree, node)], start, end };
    case "raw_string":
      return { kind: "text", pieces: [sourceOf(at.tree, node).slice(1, -1)], start, end };
    case "string":
    case "concatenation":
    case "command_name":
      return { kind: "text", pieces: pieces(at, inner, quoted || kind === "string"), start, end };
    case "simple_expansion":
    case "expansion": {
      const value = expansion(at, node);
      return quoted ? value : callOf(node, "!unquoted", [value]);
    }
    case "command_substitution":
    case "process_substitution": {
      const [first] = inner;
      const commandIn =
        first?.kind === "command" ? first : first === undefined ? undefined : part(first, "command");
      const call = commandIn === undefined ? callOf(node, "!command", []) : callIn(at, commandIn);
      return quoted || kind === "process_substitution" ? call : callOf(node, "!unquoted", [call]);
    }
    default:
      return { kind: "other", parts: inner.map((one) => expression(at, one, quoted)), start, end };
  }
}

function pieces(at: Lowering, nodes: readonly Node[], quoted: boolean): (string | Expr)[] {
  return nodes.flatMap((one) => {
    const made = expression(at, one, quoted);
    return made.kind === "text" ? made.pieces : [made];
  });
}

/** `$1`, `$name`, `${name:-standard}`. Lengths are numbers, and `${name:?}` is never empty. */
function expansion(at: Lowering, node: Node): Expr {
  const { start, end } = node;
  const source = sourceOf(at.tree, node).trim();
  const named = part(node, "variable_name", "special_variable_name", "subscript");
  const name = named === undefined ? "" : sourceOf(at.tree, named);
  if (source.startsWith("${#") || name === "#" || name === "?" || name === "$")
    return { kind: "name", name: `!${name || "length"}`, start, end };
  if (/^\$\{\w{1,60}:?\?/.test(source))
    return callOf(node, "!required", [{ kind: "name", name, start, end }]);
  if (/^(\d{1,2}|[@*])$/.test(name))
    return { kind: "name", name: at.local ? "!parameter" : "!argument", start, end };
  return { kind: "name", name, start, end };
}
