/**
 * @file Faults of memory in a file of C or C++: each function is performed with ranges of numbers, places of pointers
 * and lives of memory instead of values; twice, so that the second time knows what functions of the file are handed.
 *
 * It is no proof: loops are walked a few times, aliases behind pointers are forgotten, and what nobody knows raises no
 * fault. What is told is what the file's own constants, sizes and orders say.
 */
import { type Node, part, parts, sourceOf, type Tree } from "../../engine/tree.ts";
import { converted } from "./arithmetic.ts";
import { chosen } from "./branches.ts";
import { valueAt } from "./evaluate.ts";
import { limits } from "./limits.ts";
import { blockAt, lost } from "./memory.ts";
import { type Found, fault, type Run } from "./run.ts";
import { any, copied, type State, type Value, wild } from "./state.ts";
import { declaration, globalMark, performed } from "./statements.ts";
import { store } from "./store.ts";
import { baseType, char, declared, type Names, other, pointerTo, type Type } from "./types.ts";

/** Words that only C++ has. */
const plusPlus =
  /^\s{0,9}(class|template|namespace|using|public:|private:)\b|\w::\w|\bstatic_cast<|\bauto\s[*&]/m;
const stepsMost = 150_000;
const functionsMost = 400;

/** The faults of a file, by the function in which they are: the start of its definition. */
export function flowFaults(tree: Tree): ReadonlyMap<number, readonly Found[]> {
  const run = newRun(tree);
  const functions: Node[] = [];
  const globals = fileState(run, tree.root, functions);
  for (const one of functions) prototypes(run, one);
  for (const one of functions)
    run.summaries.set(nameOf(run, one), {
      given: [],
      keeps: new Set(),
      frees: new Set(),
      sometimes: new Set(),
    });
  for (const turn of [0, 1, 2]) {
    run.quiet = turn < 2;
    const share = Math.floor(stepsMost / 3 / Math.max(1, functions.length));
    for (const one of turn === 1 ? [...functions].reverse() : functions) {
      run.steps = Math.max(share, 3000);
      if (spent(run)) return new Map();
      ofFunction(run, globals, one);
    }
  }
  return byFunction(functions, [...run.faults.values()]);
}

function spent({ faults }: Run): boolean {
  return faults.size >= 2000;
}

function newRun(tree: Tree): Run {
  const constants = new Map<string, number>(limits);
  const names: Names = { tree, types: new Map(), constants, constant: (node) => constantOf(run, node) };
  const run: Run = {
    ...{
      tree,
      names,
      quiet: true,
      steps: stepsMost,
      faults: new Map(),
      blocks: new Map(),
      variables: new Map(),
    },
    ...{
      owners: new Map(),
      globals: new Set(),
      returns: new Map(),
      returnType: other,
      summaries: new Map(),
      gives: undefined,
      ended: undefined,
    },
    ...{ references: new Map(), macros: new Map(), isPlusPlus: plusPlus.test(tree.text.slice(0, 200_000)) },
    ...{ early: undefined, dropped: new Set(), wiped: new Map(), value: valueAt, store, choose: chosen },
  };
  return run;
}

const nothing = (): State => ({ values: new Map(), lives: new Map(), texts: new Map(), written: new Set() });

function constantOf(run: Run, node: Node | undefined): number | undefined {
  if (node === undefined) return undefined;
  const was = run.quiet;
  run.quiet = true;
  const { lo, hi } = valueAt(run, nothing(), node);
  run.quiet = was;
  return lo === hi ? lo : undefined;
}

const outside = new Set([
  ...[
    "translation_unit",
    "linkage_specification",
    "declaration_list",
    "namespace_definition",
    "preproc_ifdef",
  ],
  ...["preproc_if", "preproc_else", "preproc_elif", "template_declaration", "ERROR", "class_specifier"],
  ...["struct_specifier", "field_declaration_list"],
]);

/** Types, constants and variables of the file; its functions are collected on the way. */
function fileState(run: Run, root: Node, functions: Node[]): State {
  const state = nothing();
  run.gives = globalMark;
  const waiting = [root];
  for (let count = 0; waiting.length > 0 && count < 100_000; count++) {
    const node = waiting.pop();
    if (node === undefined) break;
    if (node.kind === "function_definition") {
      if (functions.length < functionsMost) functions.push(node);
    } else if (node.kind === "preproc_def") macro(run, node);
    else if (node.kind === "preproc_function_def") {
      const [name] = parts(node);
      if (name !== undefined)
        run.macros.set(sourceOf(run.tree, name), sourceOf(run.tree, node).slice(0, 2000));
    } else if (node.kind === "type_definition") typedef(run, node);
    else if (node.kind === "declaration") {
      enumerators(run, node);
      prototypes(run, node);
      const before = new Set(state.values.keys());
      declaration(run, state, node);
      for (const name of state.values.keys()) if (!before.has(name)) run.globals.add(name);
      for (const one of parts(node)) if (outside.has(one.kind)) waiting.push(one);
    } else if (node.kind === "enum_specifier") enumerators(run, node);
    else if (outside.has(node.kind)) {
      if (/_specifier$/.test(node.kind)) baseType(run.names, { ...node, children: [node] });
      waiting.push(...[...parts(node)].reverse());
    }
  }
  run.gives = undefined;
  settle(run, state);
  return state;
}

/** A file's variable keeps its first value where nothing in the file gives it another. */
function settle(run: Run, state: State): void {
  const { text } = run.tree;
  for (const [name, value] of state.values) {
    if (value.type.kind === "array") continue;
    const uses = text.split(name).length;
    const isChanged = uses > 40 || isAssigned(text, name);
    state.values.set(name, isChanged ? { ...any(value.type) } : { ...value, unset: 0 });
  }
}

function isAssigned(text: string, name: string): boolean {
  let seen = 0;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text.slice(Math.max(0, at - 2), at);
    const after = text.slice(at + name.length, at + name.length + 20);
    if (/\w$/.test(before) || /^\w/.test(after)) continue;
    if (/^\s{0,5}([-+*/|&^]?=(?!=)|\+\+|--)/.test(after)) seen += 1;
    if (/(&|\+\+|--)$/.test(before)) seen += 2;
  }
  return seen > 1;
}

function macro(run: Run, node: Node): void {
  const [name, given] = parts(node);
  if (name === undefined || given === undefined) return;
  const source = sourceOf(run.tree, given)
    .slice(0, 100)
    .replace(/\/\*[\s\S]*$|\/\/.*$/, "")
    .trim();
  const value = plainSum(run, source.replace(/^\((.*)\)$/, "$1"));
  if (value !== undefined) run.names.constants.set(sourceOf(run.tree, name), value);
}

/** `10`, `A * 2 + 1`, without brackets. */
function plainSum(run: Run, source: string): number | undefined {
  if (!/^[\w\s+*-]{1,80}$/.test(source)) return undefined;
  let sum = 0;
  for (const part of source.split(/(?=[+-])/)) {
    const sign = part.startsWith("-") ? -1 : 1;
    let product = sign;
    for (const factor of part.replace(/^[+-]/, "").split("*")) {
      const word = factor.trim();
      const value = /^(0[xX][\da-fA-F]+|\d+)[uUlL]{0,3}$/.test(word)
        ? Number(word.replace(/[uUlL]+$/, ""))
        : run.names.constants.get(word);
      if (value === undefined) return undefined;
      product *= value;
    }
    sum += product;
  }
  return sum;
}

function typedef(run: Run, node: Node): void {
  enumerators(run, node);
  const base = baseType(run.names, node);
  const [first, ...rest] = parts(node);
  for (const one of rest) {
    if (!/declarator$|^type_identifier$|^primitive_type$/.test(one.kind) || one === first) continue;
    const { name, type } = declared(run.names, base, one);
    const called = name === "" ? sourceOf(run.tree, one) : name;
    if (type.kind !== "other" && /^\w{1,80}$/.test(called)) run.names.types.set(called, type);
  }
}

function enumerators(run: Run, node: Node): void {
  const specifier = node.kind === "enum_specifier" ? node : part(node, "enum_specifier");
  const list = specifier === undefined ? undefined : part(specifier, "enumerator_list");
  let next = 0;
  for (const one of list === undefined ? [] : parts(list)) {
    const [name, given] = parts(one);
    const value = given === undefined ? next : constantOf(run, given);
    if (name === undefined || value === undefined) return;
    run.names.constants.set(sourceOf(run.tree, name), value);
    next = value + 1;
  }
}

function functionDeclarator(node: Node): Node | undefined {
  let here = node.children.find(({ kind }) => /declarator$/.test(kind));
  for (let depth = 0; here !== undefined && here.kind !== "function_declarator" && depth < 10; depth++)
    here = here.children.find(({ kind }) => /declarator$/.test(kind));
  return here;
}

function nameOf(run: Run, node: Node): string {
  const declarator = functionDeclarator(node);
  const named = declarator === undefined ? undefined : parts(declarator)[0];
  return named === undefined ? "" : sourceOf(run.tree, named).slice(0, 100);
}

/** What a function gives back: its first type, with the stars before its name. */
function returnTypeOf(run: Run, node: Node): Type {
  let type = baseType(run.names, node);
  let here = node.children.find(({ kind }) => /declarator$/.test(kind));
  for (let depth = 0; here !== undefined && here.kind !== "function_declarator" && depth < 5; depth++) {
    type = here.kind === "pointer_declarator" ? pointerTo(type) : other;
    here = here.children.find(({ kind }) => /declarator$/.test(kind));
  }
  return type;
}

/** `char *next(void);` */
function prototypes(run: Run, node: Node): void {
  const name = nameOf(run, node);
  if (!/^\w{1,80}$/.test(name)) return;
  run.returns.set(name, returnTypeOf(run, node));
  const declarator = functionDeclarator(node);
  const list = declarator === undefined ? undefined : part(declarator, "parameter_list");
  const taken = list === undefined ? [] : parts(list);
  const references = taken.flatMap((one, at) => (sourceOf(run.tree, one).includes("&") ? [at] : []));
  run.references.set(name, new Set([...(run.references.get(name) ?? []), ...references]));
}

/** Performs a function and notes what it does. */
function ofFunction(run: Run, globals: State, node: Node): void {
  const name = nameOf(run, node);
  const summary = run.summaries.get(name);
  const state = copied(globals);
  const outer = run.variables;
  run.variables = new Map(outer);
  [run.gives, run.ended, run.returnType] = [undefined, undefined, run.returns.get(name) ?? other];
  const taken = parametersIn(
    run,
    state,
    node,
    run.quiet ? [] : (summary?.given ?? []),
    name === "main" || name === "wmain",
  );
  const end = performed(run, state, part(node, "compound_statement") ?? part(node, "try_statement"));
  if (end !== undefined) lost(run, end);
  for (const at of run.wiped.values()) fault(run, "!wiped_unseen", at);
  run.wiped.clear();
  const all: readonly State[] = [end, run.ended].filter((one): one is State => one !== undefined);
  if (summary !== undefined && run.quiet) summarize(summary, taken, all);
  if (summary !== undefined && run.gives !== undefined) {
    const gives: Value = run.gives;
    summary.gives = converted({ ...gives, unset: 0 }, run.returnType);
  }
  run.variables = outer;
}

function summarize(
  summary: NonNullable<ReturnType<Run["summaries"]["get"]>>,
  taken: readonly (Value | undefined)[],
  ends: readonly State[],
): void {
  for (const [position, value] of taken.entries()) {
    const block = value?.places[0]?.block;
    if (block === undefined || value?.places.length !== 1) {
      summary.keeps.add(position);
      continue;
    }
    const lives = ends.map(({ lives: all }) => all.get(block));
    if (lives.some((life) => life?.shared !== false)) summary.keeps.add(position);
    else summary.keeps.delete(position);
    if (ends.length > 0 && lives.every((life) => life?.freed === 2)) summary.frees.add(position);
    const writes = ends.map(({ written }) => written.has(block.maker));
    const isWritten = ends.some(({ written }) => written.has(`!${block.maker}`));
    if (isWritten && writes.includes(false)) summary.sometimes.add(position);
    else summary.sometimes.delete(position);
  }
}

function parametersIn(
  run: Run,
  state: State,
  node: Node,
  given: readonly (Value | undefined)[],
  isMain: boolean,
): (Value | undefined)[] {
  const declarator = functionDeclarator(node);
  const list = declarator === undefined ? undefined : part(declarator, "parameter_list");
  return (list === undefined ? [] : parts(list)).map((one, position) => {
    if (!/parameter_declaration$/.test(one.kind)) return undefined;
    const inner = parts(one).find(({ kind }) => /declarator$|^identifier$/.test(kind));
    if (inner === undefined) return undefined;
    const { name, type, node: named } = declared(run.names, baseType(run.names, one), inner);
    if (name === "") return undefined;
    const own: Type = type.kind === "array" ? pointerTo(type.to ?? other) : type;
    const handed = given[position];
    const block = blockAt(run, named, { kind: "given", bytes: undefined, maker: name });
    const plain: Value = { ...any(own), places: own.kind === "pointer" ? [{ block, from: 0, to: 0 }] : [] };
    const isOwn =
      handed?.lo === handed?.hi && /^\s{0,9}static\b/.test(run.tree.text.slice(node.start, node.start + 40));
    const isKnown = handed !== undefined && (handed.places.length > 0 || handed.wild !== 0 || isOwn);
    const value: Value = isKnown
      ? { ...handed, type: own.kind === "other" ? handed.type : own, unset: 0 }
      : plain;
    if (own.kind === "pointer" && !isKnown)
      state.lives.set(block, { freed: 0, shared: false, partial: false });
    const isReference = /&/.test(sourceOf(run.tree, one));
    const kind = isReference ? "given" : "stack";
    run.variables.set(name, blockAt(run, named, { kind, bytes: own.bytes, maker: `=${name}` }));
    run.owners.set(run.variables.get(name) ?? block, name);
    const isWords = isMain && position === 1;
    state.values.set(name, isWords ? { ...any(pointerTo(pointerTo(char))), wild: wild.text } : value);
    return isKnown ? plain : value;
  });
}

/** Which function each fault is in. */
function byFunction(functions: readonly Node[], found: readonly Found[]): Map<number, Found[]> {
  const map = new Map<number, Found[]>();
  for (const one of found) {
    const owner = functions.find(({ start, end }) => start <= one.at.start && one.at.end <= end);
    if (owner === undefined) continue;
    const held = map.get(owner.start) ?? [];
    held.push(one);
    map.set(owner.start, held);
  }
  return map;
}
