/** @file What a call does to memory: by the tables of libraries, by what functions of the file are known to do. */
import { type Node, part, parts, sourceOf } from "../../engine/tree.ts";
import * as library from "./library.ts";
import { alive, blockAt, free, share, touch } from "./memory.ts";
import { placesOf, printedLength, templateOf, textLength } from "./printed.ts";
import { fault, type Run, type Summary } from "./run.ts";
import { any, type Place, pointing, type State, type Value, wild } from "./state.ts";
import { nameOf, setWidth } from "./streams.ts";
import { char, int, pointerTo, size, type Type } from "./types.ts";
import { calleeMayWrite, filled, macroWrites, settled } from "./written.ts";

/** A call with its arguments evaluated. */
interface Called {
  readonly run: Run;
  readonly state: State;
  readonly node: Node;
  readonly name: string;
  readonly args: readonly Node[];
  readonly values: readonly Value[];
}

/** The value of a call; the state changes by what it does. */
export function calledValue(run: Run, state: State, node: Node): Value {
  const [callee] = parts(node);
  const list = part(node, "argument_list");
  const args = list === undefined ? [] : parts(list);
  const name = callee === undefined ? "" : nameOf(run, callee);
  if (callee !== undefined && callee.kind !== "identifier" && callee.kind !== "qualified_identifier")
    run.value(run, state, callee);
  macroWrites(run, state, name);
  const mayWrite = calleeMayWrite(run, name, run.dropped.has(node));
  for (const [position, one] of args.entries())
    if (mayWrite(position)) settled(run, state, one, mayWrite(position) === "deep");
  const values = args.map((one) => run.value(run, state, one));
  if (callee?.kind === "field_expression") setWidth(run, state, callee, values[0]);
  const called: Called = { run, state, node, name, args, values };
  for (const [position, value] of values.entries()) {
    const isFree = Object.hasOwn(library.frees, name);
    const at = args[position] ?? node;
    if (value.type.to !== undefined && !isFree) alive(run, state, value, at, "!used_freed");
    if (library.followers.has(name) && value.nothing === "maybe")
      fault(run, "!unchecked_null", at, value.places[0]?.block);
  }
  checked(called);
  // a file's own `strcpy` is C's, whatever its body is
  const isCommon = [library.moves, library.copies, library.prints].some((table) =>
    Object.hasOwn(table, name),
  );
  const value = (isCommon ? undefined : ofFile(called)) ?? ofLibrary(called) ?? ofNobody(called);
  if (!run.summaries.has(name)) {
    for (const one of args)
      if (one.kind === "pointer_expression" && one.children[0]?.kind === "&") settled(run, state, one, true);
  }
  return value;
}

function ofLibrary(called: Called): Value | undefined {
  const { run, state, name, node, values } = called;
  const row = <T>(table: Readonly<Record<string, T>>): T | undefined =>
    Object.hasOwn(table, name) ? table[name] : undefined;
  const [move, copy, print, maker] = [
    row(library.moves),
    row(library.copies),
    row(library.prints),
    row(library.makers),
  ];
  if (move !== undefined) return moved(called, move);
  if (copy !== undefined) return copiedText(called, copy);
  if (print !== undefined) return printed(called, print);
  if (maker !== undefined) return made(called, maker);
  if (library.duplicates.has(name)) {
    const [lo, hi] = values[0] === undefined ? [0, Infinity] : textLength(state, values[0]);
    return fresh(
      called,
      { bytes: lo === hi ? lo + 1 : undefined, maker: "malloc" },
      pointerTo(char),
      "maybe",
    );
  }
  const closes = row(library.opens);
  if (closes !== undefined) {
    // `fdopen(fd)`: whoever closes the stream closes what it was made of
    for (const one of values) share(state, one);
    return fresh(called, { bytes: undefined, maker: closes }, pointerTo(int), "maybe");
  }
  const ends = row(library.descriptors);
  if (ends !== undefined) return fresh(called, { bytes: undefined, maker: ends }, int, "unknown");
  const frees = row(library.frees);
  const [first] = values;
  if (frees !== undefined && first !== undefined) {
    free(run, state, node, first, frees);
    return any();
  }
  return reads(called);
}

/** Functions with a null, a truth, a number or a text where it does harm. */
function checked({ run, name, node, values, args }: Called): void {
  const [wait] = values;
  if (/^(u?sleep|nanosleep|Sleep|SleepEx|delay)$/.test(name) && ((wait?.wild ?? 0) & wild.above) !== 0)
    fault(run, "!wild_wait", node);
  if (Object.hasOwn(library.moves, name) && isSizeOfPointer(run, args, values))
    fault(run, "!size_of_pointer", node);
  if (library.toldResults.has(name) && run.dropped.has(node)) fault(run, "!result_ignored", node);
  if (name === "SetSecurityDescriptorDacl" && isOpenList(values)) fault(run, "!null_list", node);
  if (/^(SUCCEEDED|FAILED)$/.test(name) && values[0]?.type.label === "truth")
    fault(run, "!truth_of_result", node);
  const at = Object.hasOwn(library.starts, name) ? library.starts[name] : undefined;
  if (at === undefined) return;
  const [program, command] = [at > 0 ? values[at - 1] : undefined, values[at]];
  const isOpen = program === undefined || (program.nothing === "yes" && program.places.length === 0);
  const texts = command?.places.filter(({ block }) => block.kind === "text") ?? [];
  const isUnquoted = ({ block }: Place): boolean =>
    /^\w{0,2}"[^"\\ ]?[^" \t]{0,200}( |\t|\\t)/.test(run.tree.text.slice(block.start, block.end)) &&
    /^\w{0,2}"[\w.%$]{0,40}(:|\\\\|\/)/.test(run.tree.text.slice(block.start, block.end));
  if (isOpen && texts.some(isUnquoted)) fault(run, "!unquoted_program", node);
}

/** `memset(p, 0, sizeof(p))`: as many bytes as the pointer has. */
function isSizeOfPointer(run: Run, args: readonly Node[], values: readonly Value[]): boolean {
  const text = (node: Node): string => sourceOf(run.tree, node).slice(0, 120);
  return args.some((one) => {
    const [, name] = /^sizeof[ (]{1,3}(\w{1,80})\)?$/.exec(text(one)) ?? [];
    return args.some(
      (other, at) => name !== undefined && text(other) === name && values[at]?.type.kind === "pointer",
    );
  });
}

/** A list of rights that is there and is null lets everybody in. */
function isOpenList([, present, list]: readonly Value[]): boolean {
  return present !== undefined && present.lo > 0 && list?.nothing === "yes" && list.places.length === 0;
}

/** Functions that give numbers or text, or only look. */
function reads(called: Called): Value | undefined {
  const { run, state, name, args, values } = called;
  const [first = any()] = values;
  if (/^(strlen|wcslen|lstrlen|strnlen)$/.test(name)) {
    const [lo, hi] = textLength(state, first);
    // text in an array is no longer than the array, even where nobody knows its length here
    const isOwn = first.places.some(({ block }) => block.kind === "stack" || block.kind === "static");
    const known = first.places.map(({ block }) => block.bytes ?? Infinity);
    const most = known.length === 0 ? Infinity : Math.max(...known) - 1;
    const isOutside =
      !isOwn &&
      most === Infinity &&
      hi === Infinity &&
      (isWild(state, first) || (first.wild & wild.text) !== 0);
    return { ...any(size), lo, hi: Math.min(hi, Math.max(lo, most)), wild: isOutside ? wild.above : 0 };
  }
  if (library.numbers.has(name)) {
    const isOutside = (first.wild & wild.text) !== 0 || isWild(state, first);
    for (const one of values.slice(1, 2)) filled(run, state, one, false);
    return { ...any(int), wild: isOutside ? wild.above | wild.below | wild.zero : 0 };
  }
  if (Object.hasOwn(library.outsideNumbers, name)) {
    const bytes = library.outsideNumbers[name] ?? 4;
    return {
      ...any({ kind: "number", bytes: 4, signed: false }),
      lo: 0,
      hi: bytes === 2 ? 65535 : Infinity,
      wild: wild.above | wild.zero,
    };
  }
  if (library.chance.has(name)) return { ...any(int), lo: 0, wild: wild.above | wild.zero };
  if (values.length === 0 && library.chanceLike.test(name))
    return { ...any(int), wild: wild.above | wild.below | wild.zero };
  if (library.outsideTexts.has(name))
    return { ...any(pointerTo(char)), wild: wild.text, nothing: /getenv/.test(name) ? "maybe" : "unknown" };
  if (/^(s_?|f|w|fw|sw)?scanf(_s)?$/.test(name) || /^(sscanf|fscanf|swscanf|fwscanf)$/.test(name))
    return scanned(called);
  if (/^(min|MIN)$/.test(name) && values.length === 2) {
    const [a = any(), b = any()] = values;
    return { ...a, lo: Math.min(a.lo, b.lo), hi: Math.min(a.hi, b.hi), wild: a.wild & b.wild };
  }
  if (name === "sizeof" || name === "offsetof" || name === "__builtin_offsetof") return any(size);
  if (/^v?(asprintf)$/.test(name))
    for (const one of args.slice(0, 1)) filled(run, state, run.value(run, state, one), false);
  if (!library.readers.has(name)) return undefined;
  return any();
}

/** Whether a block holds text from outside. */
function isWild(state: State, { places }: Value): boolean {
  return places.some(({ block }) => state.texts.get(block)?.wild === true);
}

function fresh(
  { run, state, node }: Called,
  { bytes, maker }: { bytes: number | undefined; maker: string },
  type: Type,
  nothing: Value["nothing"],
): Value {
  const block = blockAt(run, node, { kind: "heap", bytes, maker });
  state.lives.set(block, { freed: 0, shared: false, partial: false });
  state.texts.delete(block);
  return pointing(block, type, nothing);
}

function made(called: Called, { size: sizes, sure }: { size: readonly number[]; sure?: true }): Value {
  const { run, state, name, values, node } = called;
  const counts = sizes.map((at) => values[at] ?? any(size));
  if (counts.some((one) => (one.wild & wild.above) !== 0 && one.hi === Infinity))
    fault(run, "!wild_size", node);
  const isKnown = counts.every(({ lo, hi }) => lo === hi);
  const bytes = isKnown ? counts.reduce((product, { hi }) => product * hi, 1) : undefined;
  if (/^realloc/.test(name) && values[0] !== undefined) share(state, values[0]);
  const type = pointerTo({ kind: "other", bytes: undefined, signed: true });
  if (/alloca$/.test(name))
    return pointing(blockAt(run, node, { kind: "stack", bytes, maker: "alloca" }), type);
  return fresh(called, { bytes, maker: "malloc" }, type, sure === true ? "no" : "maybe");
}

function unitOf(run: Run, isWide: true | undefined): number {
  return isWide ? (run.names.types.get("wchar_t")?.bytes ?? 4) : 1;
}

function moved(called: Called, how: library.Moves): Value {
  const { run, state, node, values } = called;
  const counts = how.count.map((at) => values[at] ?? any(size));
  const unit = unitOf(run, how.wide);
  const count = counts.length === 1 ? counts[0] : product(counts);
  const [into, from] = [how.into, how.from].map((at) => (at === undefined ? undefined : values[at]));
  if (count !== undefined) {
    const bytes = count.hi === Infinity ? count.lo * unit : count.hi * unit;
    const least = Math.max(1, count.lo * unit);
    if (into !== undefined) touch(run, into.places, bytes, node, "!overrun", least);
    if (from !== undefined && how.text === undefined)
      touch(run, from.places, bytes, node, "!overread", least);
    const isZero =
      /^(bzero|ZeroMemory|RtlZeroMemory)$/.test(called.name) ||
      (called.name === "memset" && values[1]?.hi === 0);
    const [only] = into?.places ?? [];
    if (isZero && into?.places.length === 1 && only?.block.kind === "stack") run.wiped.set(only.block, node);
    const isKnown = into?.places.some(({ block }) => block.bytes !== undefined) ?? false;
    const isWild = isKnown && (count.wild & (wild.above | wild.below)) !== 0;
    const isInside =
      Number.isFinite(count.hi) &&
      count.lo >= 0 &&
      (into?.places ?? []).every(({ block, to }) => to + bytes <= (block.bytes ?? 0));
    if (isWild && !isInside)
      fault(run, (count.wild & wild.above) !== 0 ? "!wild_length" : "!negative_length", node);
  }
  if (how.into !== undefined && how.from !== undefined) lengthOfSource(called, how.into, how.from, how.count);
  if (into !== undefined) {
    filled(run, state, into, how.outside === true);
    const set = values[1];
    const isSet = /^w?memset$/.test(called.name) && count !== undefined && set !== undefined;
    for (const { block } of into.places) {
      if (isSet && set.lo > 0) state.texts.set(block, { lo: count.lo, hi: Infinity, wild: false });
      else if (isSet && set.hi === 0) state.texts.set(block, { lo: 0, hi: 0, wild: false });
      else if (from !== undefined && how.outside === undefined) {
        const [lo, hi] = textLength(state, from);
        const most = count?.hi ?? Infinity;
        state.texts.set(block, {
          lo: Math.min(lo, most),
          hi: Math.min(hi, Infinity),
          wild: isWild(state, from) || (from.wild & wild.text) !== 0,
        });
      } else if (how.outside === true) {
        const most = how.atMost === true && count !== undefined ? Math.max(0, count.hi - 1) : Infinity;
        state.texts.set(block, { lo: 0, hi: most, wild: true });
      }
    }
  }
  const isCount = /read|recv|fread|readlink/i.test(called.name);
  const limit = count?.hi ?? Infinity;
  return isCount ? { ...any({ ...size, signed: true }), lo: -1, hi: limit } : (into ?? any(int));
}

function product(counts: readonly Value[]): Value {
  const [a = any(size), b = any(size)] = counts;
  const times = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : x * y);
  return {
    ...any(size),
    lo: Math.max(0, times(a.lo, b.lo)),
    hi: times(a.hi, b.hi),
    wild: (a.wild | b.wild) & 3,
  };
}

/** `memcpy(to, from, strlen(from))`: the length is that of the source, whatever the target holds. */
function lengthOfSource(
  { run, args, values, node }: Called,
  into: number,
  from: number,
  count: readonly number[],
): void {
  const [length, source] = [args[count[0] ?? 2], args[from]];
  if (length === undefined || source === undefined || values[into] === undefined) return;
  const [text, name] = [sourceOf(run.tree, length), sourceOf(run.tree, source)];
  const isOfSource =
    name.length < 80 &&
    /^\w/.test(name) &&
    (text.startsWith(`strlen(${name})`) || text === `sizeof(${name})`);
  const target = values[into];
  const isOwn = target?.places.some(({ block }) => block.kind === "heap" || block.kind === "text") ?? false;
  const isKnown = values[count[0] ?? 2]?.hi !== Infinity;
  if (isOfSource && text.startsWith("strlen") && !isOwn && !isKnown) fault(run, "!length_of_source", node);
}

function copiedText(called: Called, { wide, behind, most }: { wide?: true; behind?: true; most?: 2 }): Value {
  const { run, state, node, values } = called;
  const [into = any(), from = any()] = values;
  const unit = unitOf(run, wide);
  const [least, longest] = textLength(state, from);
  const [before, beforeMost] = behind ? textLength(state, into) : [0, 0];
  const limit = most === undefined ? undefined : values[most];
  const lo = before + Math.min(least, limit?.lo ?? Infinity);
  const open = limit === undefined || limit.lo !== limit.hi ? Infinity : limit.hi;
  const hi = (beforeMost === Infinity ? before : beforeMost) + Math.min(longest, open);
  const bytes = (hi === Infinity ? lo : hi) + 1;
  touch(run, into.places, bytes * unit, node, "!overrun");
  const isOutside = isWild(state, from) || (from.wild & wild.text) !== 0;
  filled(run, state, into, false);
  for (const { block } of into.places) {
    const top = beforeMost === Infinity ? Infinity : hi;
    state.texts.set(block, { lo, hi: top, wild: isOutside });
  }
  return into;
}

function printed(called: Called, how: { limit?: number; template: number; wide?: true; list?: true }): Value {
  const { run, state, node, args, values } = called;
  const [into = any()] = values;
  const template = templateOf(run, args[how.template]);
  const limit = how.limit === undefined ? undefined : values[how.limit];
  const given = values.slice(how.template + 1);
  const known = values[how.template];
  const [least, most] =
    template !== undefined
      ? printedLength(state, template, how.list ? [] : given)
      : how.list || known === undefined
        ? [0, Infinity]
        : textLength(state, known);
  const unit = unitOf(run, how.wide);
  if (limit === undefined) {
    touch(run, into.places, (least + 1) * unit, node, "!overrun");
    if (most !== Infinity) touch(run, into.places, (most + 1) * unit, node, "!may_overrun");
  } else if (limit.lo === limit.hi && most >= limit.lo)
    touch(run, into.places, limit.lo * unit, node, "!overrun");
  const isOutside = given.some((one) => isWild(state, one) || (one.wild & wild.text) !== 0);
  filled(run, state, into, false);
  const top = limit === undefined ? most : Math.min(most, Math.max(0, limit.hi - 1));
  for (const { block } of into.places)
    state.texts.set(block, { lo: Math.min(least, top), hi: top, wild: isOutside });
  return { ...any(int), lo: -1, hi: Infinity };
}

/** `scanf`: what is written where, and how long it may be. */
function scanned({ run, state, node, name, args, values }: Called): Value {
  const at = /^(scanf|wscanf|scanf_s)$/.test(name) ? 0 : 1;
  const template = templateOf(run, args[at]);
  const from = values[0];
  const isOutside =
    !/^s[sw]?w?scanf/.test(name) ||
    from === undefined ||
    (from.wild & wild.text) !== 0 ||
    isWild(state, from);
  const places = template === undefined ? [] : placesOf(template).places.filter(({ star }) => !star);
  for (const [position, value] of values.slice(at + 1).entries()) {
    const one = places[position];
    const isText = one !== undefined && /^[sS[]/.test(one.verb);
    if (isText && one.width !== undefined)
      touch(run, value.places, one.width + 1, args[at + 1 + position] ?? node, "!overrun");
    filled(run, state, value, isOutside);
    if (isText) {
      for (const { block } of value.places)
        state.texts.set(block, { lo: 0, hi: one.width ?? Infinity, wild: isOutside });
    }
  }
  return { ...any(int), lo: -1 };
}

/** A function whose body is in the file. */
function ofFile({ run, state, node, name, args, values }: Called): Value | undefined {
  const known = run.summaries.get(name);
  if (known === undefined) return undefined;
  for (const [position, value] of values.slice(0, 20).entries()) {
    known.given[position] = handed(known, position, value);
    if (known.frees.has(position)) free(run, state, node, value, "");
    else if (known.keeps.has(position)) share(state, value);
    const isAddress = args[position]?.kind === "pointer_expression";
    const isUnset = value.places.some(
      ({ block }) => (state.values.get(run.owners.get(block) ?? "")?.unset ?? 0) === 2,
    );
    filled(run, state, value, false);
    if (isAddress && isUnset && known.sometimes.has(position) && run.dropped.has(node)) {
      for (const { block } of value.places) {
        const owner = run.owners.get(block);
        const held = owner === undefined ? undefined : state.values.get(owner);
        if (owner !== undefined && held !== undefined) state.values.set(owner, { ...held, unset: 1 });
      }
    }
  }
  forgetGlobals(run, state);
  const { gives } = known;
  if (gives === undefined) return any(run.returns.get(name));
  // memory that the function makes is another one at each call
  const places = gives.places.map((place) => {
    if (place.block.kind !== "heap") return place;
    const { bytes, maker } = place.block;
    const block = blockAt(run, node, { kind: "heap", bytes, maker });
    state.lives.set(block, { freed: 0, shared: true, partial: false });
    return { ...place, block };
  });
  return { ...gives, places };
}

function handed(known: Summary, position: number, value: Value): Value {
  const before = known.given[position];
  const plain: Value = { ...value, unset: 0, nothing: value.nothing === "maybe" ? "unknown" : value.nothing };
  return before === undefined ? plain : widest(before, plain);
}

/** What several calls hand over: the widest. */
function widest(a: Value, b: Value): Value {
  const places = [
    ...a.places,
    ...b.places.filter(({ block }) => !a.places.some((one) => one.block === block)),
  ];
  return {
    ...a,
    ...{ lo: Math.min(a.lo, b.lo), hi: Math.max(a.hi, b.hi), wild: a.wild | b.wild },
    places: a.places.length === 0 || b.places.length === 0 ? [] : places.slice(0, 6),
    nothing: a.nothing === b.nothing ? a.nothing : "unknown",
  };
}

/** A function that nobody here knows: what it is handed may be kept, freed or written. */
function ofNobody({ run, state, name, values }: Called): Value {
  for (const value of values) {
    share(state, value);
    filled(run, state, value, false);
  }
  forgetGlobals(run, state);
  return any(run.returns.get(name));
}

function forgetGlobals(run: Run, state: State): void {
  for (const name of run.globals) {
    const held = state.values.get(name);
    if (held !== undefined && held.type.kind !== "array") state.values.set(name, any(held.type));
  }
}
