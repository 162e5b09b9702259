/** @file What an expression of C is known to be, and what it does to the state; faults on the way are noted. */
import { type Node, part, parts, sourceOf } from "../../engine/tree.ts";
import { operatorOf } from "../chain.ts";
import { arithmetic, converted, narrowed } from "./arithmetic.ts";
import { calledValue } from "./calls.ts";
import { literalLength } from "./literal.ts";
import { alive, blockAt, free, share, touch } from "./memory.ts";
import { fault, type Run, spend } from "./run.ts";
import { any, exactly, type Place, pointing, type State, type Value, wild } from "./state.ts";
import { extracted } from "./streams.ts";
import { arrayOf, char, describedType, int, other, pointerTo, size, type Type } from "./types.ts";
import { settled } from "./written.ts";

/** The value of an expression; the state changes by what it does. */
export function valueAt(run: Run, state: State, node: Node | undefined): Value {
  if (node === undefined || !spend(run)) return any();
  return evaluated(run, state, node);
}

const passing = new Set([
  "parenthesized_expression",
  "condition_clause",
  "expression_statement",
  "field_initializer",
]);

function evaluated(run: Run, state: State, node: Node): Value {
  const inner = parts(node);
  const [first, second] = inner;
  if (passing.has(node.kind)) return valueAt(run, state, inner.at(-1));
  switch (node.kind) {
    case "number_literal":
      return numberOf(sourceOf(run.tree, node));
    case "char_literal":
      return exactly(charCode(sourceOf(run.tree, node)), char);
    case "true":
    case "false":
      return exactly(node.kind === "true" ? 1 : 0, int);
    case "null":
      return exactly(0, pointerTo(other));
    case "string_literal":
    case "concatenated_string":
    case "raw_string_literal":
      return textValue(run, state, node);
    case "identifier":
      return nameValue(run, state, node);
    case "field_expression":
    case "subscript_expression":
    case "pointer_expression":
      if (operatorOf(node) === "&") return addressOf(run, state, first);
      return placeValue(run, state, node);
    case "cast_expression":
      return cast(run, state, first, second, node);
    case "sizeof_expression":
      return sizeOfValue(run, state, node, first);
    case "binary_expression":
      return binary(run, state, node);
    case "unary_expression":
      return unary(run, state, node, first);
    case "update_expression":
      return updated(run, state, node, first);
    case "assignment_expression":
      return assigned(run, state, node, first, second);
    case "conditional_expression":
      return run.choose(run, state, node);
    case "call_expression":
      return calledValue(run, state, node);
    case "new_expression":
      return created(run, state, node);
    case "delete_expression":
      free(
        run,
        state,
        node,
        valueAt(run, state, inner.at(-1)),
        isArrayDelete(run, node) ? "delete[]" : "delete",
      );
      return any();
    case "lambda_expression":
    case "gnu_asm_expression":
      settled(run, state, node, true);
      return any();
    default:
      for (const one of inner) valueAt(run, state, one);
      return any();
  }
}

function cast(
  run: Run,
  state: State,
  described: Node | undefined,
  given: Node | undefined,
  node: Node,
): Value {
  const value = valueAt(run, state, given);
  const type = described === undefined ? other : describedType(run.names, described);
  const { to } = value.type;
  const isText = to?.kind === "number" && to.bytes === 1 && to.signed && value.type.kind === "pointer";
  if (isText && (type.to?.bytes ?? 1) > 1 && type.to?.label === "wide") fault(run, "!wide_cast", node);
  if (value.type.label === "result" && type.label === "truth") fault(run, "!truth_of_result", node);
  return converted(value, type);
}

function numberOf(source: string): Value {
  const plain = source.replaceAll("'", "");
  const isFloat = /^(?!0[xX]).*[.eE]/.test(plain);
  const digits = isFloat ? plain.replace(/[fFlL]$/, "") : plain.replace(/[uUlLzZ]{1,4}$/, "");
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (Number.isNaN(value)) return any(int);
  const isLong = /[lL]/.test(plain.slice(-3)) || Math.abs(value) > 0x7fffffff;
  return exactly(value, isFloat ? { ...other, kind: "float", bytes: 8 } : { ...int, bytes: isLong ? 8 : 4 });
}

const escapes: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, "0": 0, "\\": 92, "'": 39, '"': 34 };

function charCode(source: string): number {
  const inside = source.replace(/^\w{0,2}'|'$/g, "");
  if (!inside.startsWith("\\")) return inside.charCodeAt(0) || 0;
  return escapes[inside.slice(1)] ?? (Number(`0${inside.slice(1)}`) || 1);
}

function textValue(run: Run, state: State, node: Node): Value {
  const pieces = node.kind === "concatenated_string" ? parts(node) : [node];
  const sources = pieces.map((one) => sourceOf(run.tree, one));
  const length = sources.reduce((sum, one) => sum + literalLength(one), 0);
  const isWide = sources.some((one) => one.startsWith("L"));
  const unit = isWide ? wide(run) : char;
  const isKnown = pieces.every(({ kind }) => kind === "string_literal");
  const bytes = isKnown ? (length + 1) * (unit.bytes ?? 1) : undefined;
  const block = blockAt(run, node, { kind: "text", bytes, maker: "text" });
  if (isKnown) state.texts.set(block, { lo: length, hi: length, wild: false });
  return pointing(block, pointerTo(unit));
}

/** The file's own `wchar_t`. */
export function wide(run: Run): Type {
  return run.names.types.get("wchar_t") ?? { kind: "number", bytes: 4, signed: true };
}

function nameValue(run: Run, state: State, node: Node): Value {
  const name = sourceOf(run.tree, node);
  const held = state.values.get(name);
  const own = run.variables.get(name);
  if (own !== undefined) run.wiped.delete(own);
  if (held !== undefined) {
    if (held.unset > 0 && !run.quiet && held.type.kind !== "record") {
      fault(run, held.unset === 2 ? "!unset" : "!perhaps_unset", node);
      if (run.early === undefined) state.values.set(name, { ...held, unset: 0 });
    }
    return { ...held, unset: 0 };
  }
  const constant = run.names.constants.get(name);
  if (constant !== undefined) return exactly(constant, int);
  if (name === "NULL" || name === "nullptr") return exactly(0, pointerTo(other));
  if (name === "optarg") return { ...any(pointerTo(char)), wild: wild.text };
  return any();
}

/** The key under which a variable or a member path is kept: `a`, `a.b`, `p->x`. */
export function keyOf(run: Run, node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.kind === "identifier" || node.kind === "this") return sourceOf(run.tree, node);
  if (node.kind === "parenthesized_expression") return keyOf(run, parts(node)[0]);
  if (node.kind !== "field_expression") return undefined;
  const [object, field] = parts(node);
  const base = keyOf(run, object);
  if (base === undefined || field === undefined || base.length > 100) return undefined;
  return `${base}${operatorOf(node)}${sourceOf(run.tree, field)}`;
}

/** A place in memory that an expression names: what is there by type, and which bytes of which blocks. */
export interface Spot {
  readonly type: Type;
  readonly places: readonly Place[];
  readonly key: string | undefined;
}

/** `a[i]`, `*p`, `p->x`, `s.x`: where it lies. Faults of the way there are noted. */
export function spotOf(run: Run, state: State, node: Node, isUsed = true): Spot {
  const [first, second] = parts(node);
  const key = keyOf(run, node);
  if (node.kind === "parenthesized_expression" && first !== undefined)
    return spotOf(run, state, first, isUsed);
  if (node.kind === "subscript_expression") {
    const base = valueAt(run, state, first);
    const list = second?.kind === "subscript_argument_list" ? parts(second)[0] : second;
    const index = valueAt(run, state, list);
    const to = base.type.to ?? other;
    dereferenced(run, state, base, node, isUsed);
    if (isUsed) checkIndex(run, base, index, node);
    return { type: to, places: moved(base.places, index, to.bytes), key };
  }
  if (node.kind === "pointer_expression") {
    const base = valueAt(run, state, first);
    dereferenced(run, state, base, node, isUsed);
    return { type: base.type.to ?? other, places: base.places, key };
  }
  if (node.kind === "field_expression" && second !== undefined) {
    const isArrow = part(node, "->") !== undefined;
    const base = isArrow ? valueAt(run, state, first) : undefined;
    if (base !== undefined) dereferenced(run, state, base, node, isUsed);
    const spot: Spot =
      base === undefined && first !== undefined
        ? spotOf(run, state, first, isUsed)
        : { type: base?.type.to ?? other, places: base?.places ?? [], key: undefined };
    const field = spot.type.record?.fields.get(sourceOf(run.tree, second));
    const { offset } = field ?? {};
    const places =
      offset === undefined
        ? []
        : spot.places.map(({ block, from, to }) => ({ block, from: from + offset, to: to + offset }));
    return {
      type: field?.type ?? other,
      places: partOf(run, node, field?.type, places, sourceOf(run.tree, second), spot.type),
      key,
    };
  }
  if (node.kind === "identifier") {
    const held = state.values.get(sourceOf(run.tree, node));
    const block = run.variables.get(sourceOf(run.tree, node));
    if (block !== undefined) run.wiped.delete(block);
    return { type: held?.type ?? other, places: block === undefined ? [] : [{ block, from: 0, to: 0 }], key };
  }
  return { type: valueAt(run, state, node).type, places: [], key };
}

/** An array inside a record ends where it says, except at the record's end, where it may go on. */
function partOf(
  run: Run,
  node: Node,
  type: Type | undefined,
  places: readonly Place[],
  name: string,
  record: Type,
): readonly Place[] {
  if (type?.kind !== "array" || type.bytes === undefined || type.to?.bytes === undefined) return places;
  const isLast = record.record?.last === name;
  const isOpen = isLast && type.bytes / type.to.bytes <= 1;
  if (isOpen || type.bytes === 0) return places;
  return [{ block: blockAt(run, node, { kind: "given", bytes: type.bytes, maker: name }), from: 0, to: 0 }];
}

function moved(places: readonly Place[], by: Value, unit: number | undefined): readonly Place[] {
  if (unit === undefined) return places.map(({ block }) => ({ block, from: -Infinity, to: Infinity }));
  return places.map(({ block, from, to }) => ({
    block,
    from: from + times(by.lo, unit),
    to: to + times(by.hi, unit),
  }));
}

/** A pointer that walks: of a range of places nobody knows which belongs to which way. */
function stepped(places: readonly Place[]): readonly Place[] {
  return places.map((one) => (one.from === one.to ? one : { ...one, from: -Infinity, to: Infinity }));
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

/** Memory is used through a pointer: it must live, and be some. */
function dereferenced(run: Run, state: State, base: Value, node: Node, isUsed: boolean): void {
  if (!isUsed) return;
  if (base.nothing === "yes" && base.places.length === 0 && base.type.kind !== "array")
    fault(run, "!null", node);
  else if (base.nothing === "maybe") fault(run, "!unchecked_null", node, base.places[0]?.block);
  else if (base.nothing === "unknown") {
    const [pointer] = parts(node);
    const key = pointer?.kind === "identifier" ? sourceOf(run.tree, pointer) : undefined;
    const held = key === undefined ? undefined : state.values.get(key);
    if (key !== undefined && held?.type.kind === "pointer")
      state.values.set(key, { ...held, followed: true });
  }
  alive(run, state, base, node, "!used_freed");
}

function checkIndex(run: Run, base: Value, index: Value, node: Node): void {
  const unit = base.type.to?.bytes;
  const isInside =
    unit !== undefined &&
    base.places.length > 0 &&
    base.places.every(
      ({ block, from, to }) =>
        block.bytes !== undefined && from + index.lo * unit >= 0 && to + (index.hi + 1) * unit <= block.bytes,
    );
  const known = base.places.some(({ block }) => block.bytes !== undefined) || base.type.kind === "array";
  if (!isInside && known && (index.wild & (wild.above | wild.below)) !== 0) fault(run, "!wild_index", node);
}

function placeValue(run: Run, state: State, node: Node): Value {
  const spot = spotOf(run, state, node);
  if (spot.type.kind === "array") {
    return { ...any(spot.type), places: spot.places, nothing: "no" };
  }
  touch(run, spot.places, spot.type.bytes ?? 1, node, "!overread");
  const held = spot.key === undefined ? undefined : state.values.get(spot.key);
  if (held !== undefined) return { ...held, unset: 0 };
  unsetField(run, state, spot.key, node);
  const isText = node.kind === "subscript_expression" && isOutside(run, state, node);
  return isText ? { ...any(spot.type), wild: wild.text } : any(spot.type);
}

/** A field of a record that nobody wrote. */
function unsetField(run: Run, state: State, key: string | undefined, node: Node): undefined {
  const at = key?.indexOf(".") ?? -1;
  if (key === undefined || at < 0) return;
  const name = key.slice(0, at);
  const owner = state.values.get(name);
  if (owner === undefined || owner.unset === 0) return;
  fault(run, owner.unset === 2 ? "!unset" : "!perhaps_unset", node);
  state.values.set(name, { ...owner, unset: 0 });
}

/** `argv[1]`. */
function isOutside(run: Run, state: State, node: Node): boolean {
  const key = keyOf(run, parts(node)[0]);
  return key !== undefined && ((state.values.get(key)?.wild ?? 0) & wild.text) !== 0;
}

function addressOf(run: Run, state: State, node: Node | undefined): Value {
  if (node === undefined) return any();
  const spot = spotOf(run, state, node, false);
  return { ...any(pointerTo(spot.type)), places: spot.places, nothing: "no" };
}

function sizeOfValue(run: Run, state: State, node: Node, first: Node | undefined): Value {
  if (first === undefined) return any(size);
  if (first.kind === "type_descriptor") return sized(describedType(run.names, first), node);
  const was = run.quiet;
  run.quiet = true;
  const inside = first.kind === "parenthesized_expression" ? (parts(first)[0] ?? first) : first;
  if (inside.kind === "string_literal") {
    run.quiet = was;
    const [text] = textValue(run, { ...state, texts: new Map(state.texts) }, inside).places;
    return sized({ ...other, bytes: text?.block.bytes }, node);
  }
  const typed = inside.kind === "identifier" ? run.names.types.get(sourceOf(run.tree, inside)) : undefined;
  const isVariable = state.values.has(sourceOf(run.tree, inside).slice(0, 200));
  const copy = { ...state, values: new Map(state.values) };
  const { type } = typed !== undefined && !isVariable ? { type: typed } : valueAt(run, copy, inside);
  run.quiet = was;
  return sized(type, node);
}

function sized({ bytes }: Type, _: Node): Value {
  return bytes === undefined ? { ...any(size), lo: 0 } : exactly(bytes, size);
}

function binary(run: Run, state: State, node: Node): Value {
  const operator = operatorOf(node);
  const [left, right] = parts(node);
  if (operator === "&&" || operator === "||") return run.choose(run, state, node);
  if (operator === ">>" && extracted(run, state, node)) return any();
  if (operator === "&" && isCastOf(run, state, left)) return addressOf(run, state, right);
  const a = valueAt(run, state, left);
  const b = valueAt(run, state, right);
  if (a.type.to !== undefined && b.type.to === undefined && (operator === "+" || operator === "-")) {
    const by = operator === "+" ? b : { ...b, lo: -b.hi, hi: -b.lo };
    if (right !== undefined && a.type.to.bytes !== undefined && a.type.to.bytes > 1 && isScaled(run, right))
      fault(run, "!scaled_twice", node);
    const type = a.type.kind === "array" ? pointerTo(a.type.to) : a.type;
    return { ...a, type, places: moved(a.places, by, a.type.to.bytes), unset: 0 };
  }
  if (b.type.to !== undefined && a.type.kind === "other" && run.isPlusPlus) return any();
  if (b.type.to !== undefined && a.type.to === undefined && operator === "+")
    return {
      ...b,
      type: b.type.kind === "array" ? pointerTo(b.type.to) : b.type,
      places: moved(b.places, a, b.type.to.bytes),
    };
  return arithmetic(run, operator, a, b, node);
}

/** `(type)&variable` looks like a product of bits to a parser that does not know the type. */
function isCastOf(run: Run, state: State, node: Node | undefined): boolean {
  if (node?.kind !== "parenthesized_expression") return false;
  const [only] = parts(node);
  const name = only?.kind === "identifier" ? sourceOf(run.tree, only) : undefined;
  return name !== undefined && !state.values.has(name) && !run.names.constants.has(name);
}

/** `i * sizeof(int)`, `sizeof(x)`: bytes, where a pointer counts in its own units. */
function isScaled(run: Run, node: Node): boolean {
  const source = sourceOf(run.tree, node).slice(0, 200);
  return /\bsizeof\b/.test(source) && !/\/\s{0,3}sizeof/.test(source);
}

function unary(run: Run, state: State, node: Node, first: Node | undefined): Value {
  const operator = operatorOf(node);
  const value = valueAt(run, state, first);
  if (operator === "-")
    return {
      ...any(value.type.signed ? value.type : int),
      lo: -value.hi,
      hi: -value.lo,
      wild: value.wild & 3,
    };
  if (operator === "!") {
    const isNone = value.lo === 0 && value.hi === 0 && value.places.length === 0;
    const isSome = value.lo > 0 || value.hi < 0 || value.nothing === "no";
    return isNone ? exactly(1, int) : isSome ? exactly(0, int) : { ...any(int), lo: 0, hi: 1 };
  }
  return operator === "+" ? value : any(int);
}

function updated(run: Run, state: State, node: Node, first: Node | undefined): Value {
  if (first === undefined) return any();
  const before = valueAt(run, state, first);
  const isUp = operatorOf(node) === "++";
  const one = exactly(1, int);
  const after =
    before.type.to === undefined
      ? arithmetic(run, isUp ? "++" : "--", before, one, node)
      : {
          ...before,
          places: stepped(moved(before.places, isUp ? one : exactly(-1, int), before.type.to.bytes)),
        };
  narrowed(run, after, before.type, node);
  run.store(run, state, first, { ...after, type: before.type }, node);
  const isPrefix = node.children[0]?.named === false;
  return isPrefix ? after : before;
}

function assigned(
  run: Run,
  state: State,
  node: Node,
  left: Node | undefined,
  right: Node | undefined,
): Value {
  if (left === undefined) return any();
  const operator = operatorOf(node).replace(/=$/, "");
  const given = valueAt(run, state, right);
  if (operator === "") {
    run.store(run, state, left, given, node);
    return given;
  }
  const before = valueAt(run, state, left);
  const isMoved = before.type.to !== undefined && (operator === "+" || operator === "-");
  const by = operator === "-" ? { ...given, lo: -given.hi, hi: -given.lo } : given;
  const after = isMoved
    ? { ...before, places: stepped(moved(before.places, by, before.type.to?.bytes)) }
    : arithmetic(run, operator, before, given, node);
  narrowed(run, after, before.type, node);
  run.store(run, state, left, { ...after, type: before.type }, node);
  return after;
}

function isArrayDelete(run: Run, node: Node): boolean {
  return /^(::)?delete\s{0,9}\[/.test(sourceOf(run.tree, node).slice(0, 40));
}

function created(run: Run, state: State, node: Node): Value {
  const declarator = part(node, "new_declarator");
  const typed = parts(node).find(({ kind }) => /type/.test(kind));
  const base = typed === undefined ? other : describedType(run.names, node);
  const list = part(node, "argument_list", "initializer_list");
  if (list !== undefined) for (const one of parts(list)) share(state, valueAt(run, state, one));
  const count = declarator === undefined ? undefined : valueAt(run, state, parts(declarator)[0]);
  if (count !== undefined && (count.wild & wild.above) !== 0) fault(run, "!wild_size", node);
  const unit = base.bytes;
  const most = count === undefined ? 1 : count.hi === Infinity ? undefined : count.hi;
  const bytes = unit === undefined || most === undefined ? undefined : arrayOf(base, most).bytes;
  const maker = declarator === undefined ? "new" : "new[]";
  const block = blockAt(run, node, { kind: "heap", bytes, maker });
  state.lives.set(block, { freed: 0, shared: base.kind === "other", partial: false });
  state.texts.delete(block);
  return pointing(block, pointerTo(base));
}
