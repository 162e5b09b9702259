/** @file What C's functions do to what they are handed: buffers that are filled, memory that is given back. */
import type { Expr, Span, Statement } from "../engine/syntax.ts";
import { type Node, part, parts, sourceOf } from "../engine/tree.ts";
import { argumentsOf, callOf, declaredName, expression, type Lowering, nameOf } from "./cpp-tree.ts";

/** Reads from outside into an argument, by position; -1: into all that follow the first, -2: the first two. */
const reads: Readonly<Record<string, number>> = {
  gets: 0,
  fgets: 0,
  fgetws: 0,
  read: 1,
  pread: 1,
  ...{ _getws: 0, gets_s: 0, _read: 1, readv: 1, recv: 1, recvfrom: 1, recvmsg: 1, WSARecv: 1, ReadFile: 1 },
  ...{
    fread: 0,
    fread_unlocked: 0,
    gzread: 1,
    gzgets: 1,
    SSL_read: 1,
    SSL_read_ex: 1,
    BIO_read: 1,
    BIO_gets: 1,
  },
  ...{ gnutls_record_recv: 1, mbedtls_ssl_read: 1, mq_receive: 1, msgrcv: 1, copy_from_user: 0 },
  ...{ InternetReadFile: 1, WinHttpReadData: 1, ReadConsoleA: 1, ReadConsoleW: 1, ReadConsole: 1 },
  ...{ getline: 0, getdelim: 0, scanf: -1, wscanf: -1, scanf_s: -1, fscanf: -2, fwscanf: -2, fscanf_s: -2 },
  ...{ GetEnvironmentVariable: 1, GetEnvironmentVariableA: 1, GetEnvironmentVariableW: 1 },
};

/** Puts the arguments behind the position into the first one. */
const puts: Readonly<Record<string, number>> = {
  ...{
    strcpy: 1,
    strcat: 1,
    stpcpy: 1,
    strncpy: 1,
    strncat: 1,
    strlcpy: 1,
    strlcat: 1,
    wcscpy: 1,
    wcscat: 1,
  },
  ...{ wcsncpy: 1, wcsncat: 1, stpncpy: 1, wcscpy_s: 2, wcscat_s: 2, strncpy_s: 2, strncat_s: 2, _mbscpy: 1 },
  ...{ _mbscat: 1, lstrcpyA: 1, lstrcpyW: 1, lstrcatA: 1, lstrcatW: 1, lstrcpyn: 1, StrCpy: 1, StrCat: 1 },
  ...{ memcpy: 1, memmove: 1, mempcpy: 1, wmemcpy: 1, wmemmove: 1, memcpy_s: 2, CopyMemory: 1 },
  ...{ sprintf: 2, snprintf: 3, vsprintf: 2, vsnprintf: 3, swprintf: 3, vswprintf: 3, wsprintf: 2 },
  ...{
    _snprintf: 3,
    _snwprintf: 3,
    _vsnprintf: 3,
    _vsnwprintf: 3,
    wsprintfA: 2,
    wsprintfW: 2,
    snprintf_s: 4,
  },
  ...{
    sscanf: 0,
    swscanf: 0,
    sscanf_s: 0,
    asprintf: 2,
    vasprintf: 2,
    strcpy_s: 2,
    strcat_s: 2,
    sprintf_s: 3,
  },
  ...{ lstrcpy: 1, lstrcat: 1 },
};

/** Functions that put text behind text, or into a template. */
const joins = /cat[AWns]?$|cat_s$|printf|printf_s$/i;

const nodesMost = 300;

/** Statements for what happens inside an expression: assignments, and buffers that calls fill. */
export function effectsOf(at: Lowering, node: Node | undefined): Statement[] {
  const found: Statement[] = [];
  const waiting = node === undefined ? [] : [node];
  for (let count = 0; waiting.length > 0 && count < nodesMost; count++) {
    const one = waiting.pop();
    if (one === undefined) break;
    if (one.kind === "call_expression") found.push(...filledBy(at, one));
    if (one.kind === "binary_expression") found.push(...streamed(at, one));
    if (one.kind === "assignment_expression" && one !== node) found.push(...assigned(at, one));
    if (one.kind !== "lambda_expression") waiting.push(...[...one.children].reverse());
  }
  return found;
}

/** `target = value`, `target += value`. */
export function assigned(at: Lowering, node: Node): Statement[] {
  const [left, right] = parts(node);
  if (left === undefined) return [];
  const { start, end } = node;
  const operator = (node.children.find(({ named }) => !named)?.kind ?? "=").replace(/=$/, "");
  const [target, value] = [expression(at, left), expression(at, right)];
  return [
    { kind: "assign", target, value, ...(operator === "" ? {} : { operator }), start, end },
    ...(left.kind === "subscript_expression" ? pour(node, expression(at, parts(left)[0]), [value]) : []),
  ];
}

/** From here on the target holds what the values hold, besides being what it was. */
function pour({ start, end }: Span, target: Expr, values: readonly Expr[]): Statement[] {
  let object = target;
  for (let depth = 0; depth < 3 && (object.kind === "index" || object.kind === "operation"); depth++) {
    const inner: Expr | undefined = object.kind === "index" ? object.object : object.operands[0];
    if (inner === undefined) return [];
    object = inner;
  }
  if (object.kind !== "name" && object.kind !== "member") return [];
  const callee: Expr = { kind: "member", object, name: "!fill", start, end };
  const args = values.map((value) => ({ value }));
  return [{ kind: "do", value: { kind: "call", callee, args, start, end }, start, end }];
}

function filledBy(at: Lowering, node: Node): Statement[] {
  const [callee] = parts(node);
  if (callee === undefined) return [];
  const name = nameOf(at.tree, callee).replace(/^__builtin_(___)?|_chk$/g, "");
  const args = argumentsOf(node);
  const input = callOf(node, "!input", []);
  const into = own(reads, name);
  if (into !== undefined) {
    const second = name === "getline" && args.length === 2 ? 1 : into;
    const targets = second < 0 ? args.slice(-second) : args.slice(second, second + 1);
    const template = second < 0 ? sourceOf(at.tree, args[-second - 1] ?? node) : "";
    const places = [...template.matchAll(/%(?!\*)(\d{0,5})[hlLqjztw]{0,2}([a-zA-Z[])/g)];
    return targets.flatMap((one, position) => {
      const isLimited = (places[position]?.[1] ?? "") !== "";
      return pour(node, expression(at, one), [isLimited ? callOf(node, "!limited", [input]) : input]);
    });
  }
  const from = own(puts, name);
  const [target] = args;
  if (from === undefined || target === undefined) return [];
  if (/^s[sw]?w?scanf(_s)?$/.test(name))
    return args.slice(2).flatMap((one) => pour(node, expression(at, one), [expression(at, target)]));
  const given = name.includes("printf")
    ? texts(at, args[from - 1], args.slice(from))
    : args.slice(from, from + 1);
  const values = given.map((one) => expression(at, one));
  const isJoined = joins.test(name) && values.some((one) => !isFixed(one));
  return pour(node, expression(at, target), isJoined ? [...values, callOf(node, "!joined", [])] : values);
}

/** Text that is written down, here or in a macro. */
function isFixed(value: Expr): boolean {
  return value.kind === "text" || (value.kind === "name" && /^[A-Z][A-Z0-9_]*$/.test(value.name));
}

/** Of a template's arguments those that are text. */
function texts(at: Lowering, template: Node | undefined, args: readonly Node[]): Node[] {
  const source = template === undefined ? "" : sourceOf(at.tree, template);
  if (!/^L?"/.test(source)) return [...args];
  const places = [
    ...source.matchAll(/%[-+ #0]{0,5}(?:\d{1,5}|\*)?(?:\.(?:\d{1,5}|\*))?[hlLqjzt]{0,2}([a-zA-Z%])/g),
  ];
  const kinds = places.flatMap(([whole, kind = ""]) => [
    ...(whole.match(/\*/g) ?? []),
    ...(kind === "%" ? [] : [kind]),
  ]);
  return args.filter((_, index) => /[sS]/.test(kinds[index] ?? "s"));
}

/** `cin >> a >> b` reads, `out << a << b` puts together. */
function streamed(at: Lowering, node: Node): Statement[] {
  const mark = node.children.find(({ named }) => !named)?.kind;
  if (mark !== ">>" && mark !== "<<") return [];
  let left: Node | undefined = node;
  for (let depth = 0; left?.kind === "binary_expression" && depth < 100; depth++) left = parts(left)[0];
  const [, right] = parts(node);
  if (left === undefined || right === undefined) return [];
  const source = nameOf(at.tree, left);
  if (mark === ">>") {
    if (!/^w?cin$/.test(source)) return [];
    const target = expression(at, right);
    const { start, end } = node;
    return [
      { kind: "do", value: callOf(node, "!extract", [target]), start, end },
      ...pour(node, target, [callOf(node, "!input", [])]),
    ];
  }
  if (/^(w?cout|w?cerr|w?clog)$/.test(source) || left.kind === "number_literal") return [];
  return pour(node, expression(at, left), [expression(at, right), callOf(node, "!joined", [])]);
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Statements looked at behind one that gives memory back. */
const behindMost = 30;

/** `!freed_twice(p)`, `!used_freed(p)`: memory that was given back some statements above, with nothing between. */
export function afterFree(at: Lowering, statements: readonly Node[]): Statement[] {
  return statements.flatMap((one, index): Statement[] => {
    const name = freed(at, one);
    if (name === undefined) return [];
    for (const next of statements.slice(index + 1, index + 1 + behindMost)) {
      if (/^(labeled|case|preproc)/.test(next.kind) || assigns(at, next, name)) return [];
      const again = freed(at, next) === name;
      const use = again ? next : mention(at, next, name);
      if (use !== undefined) {
        const { start, end } = use;
        const value = callOf(use, again ? "!freed_twice" : "!used_freed", []);
        return [{ kind: "do", value, start, end }];
      }
      if (/^(return|break|continue|goto|throw)/.test(next.kind)) return [];
    }
    return [];
  });
}

/** What a statement gives back: `free(p);`, `delete p;`. */
function freed(at: Lowering, node: Node): string | undefined {
  if (node.kind !== "expression_statement") return undefined;
  const [inner] = parts(node);
  const [callee] = inner === undefined ? [] : parts(inner);
  if (inner === undefined || callee === undefined) return undefined;
  const isFree = inner.kind === "call_expression" && sourceOf(at.tree, callee) === "free";
  const given = isFree
    ? argumentsOf(inner)[0]
    : inner.kind === "delete_expression"
      ? parts(inner).at(-1)
      : undefined;
  if (given === undefined || !/^(identifier|field_expression)$/.test(given.kind)) return undefined;
  return sourceOf(at.tree, given);
}

/** Whether a statement may give the name another value, at any depth: `p = x`, `f(&p)`, `T *p`, `p.reset()`. */
function assigns(at: Lowering, node: Node, name: string): boolean {
  return below(node, (one) => {
    const [first] = parts(one);
    if (first === undefined) return false;
    if (
      one.kind === "assignment_expression" ||
      one.kind === "pointer_expression" ||
      one.kind === "update_expression"
    ) {
      const addressed = one.kind !== "pointer_expression" || one.children[0]?.kind === "&";
      return addressed && (sourceOf(at.tree, first) === name || name.startsWith(sourceOf(at.tree, first)));
    }
    const declared = /declarator$/.test(one.kind) ? declaredName(one) : undefined;
    return declared !== undefined && sourceOf(at.tree, declared) === name;
  });
}

/** Where the memory behind the name is used: `*p`, `p->x`, `p[0]`, or handed to a function. */
function mention(at: Lowering, node: Node, name: string): Node | undefined {
  let found: Node | undefined;
  below(node, (one) => {
    const [first] = parts(one);
    if (first === undefined) return false;
    const arrow = one.kind === "field_expression" && part(one, "->") !== undefined;
    const used =
      arrow || one.kind === "subscript_expression" || one.kind === "pointer_expression"
        ? sourceOf(at.tree, first) === name
        : one.kind === "argument_list" && parts(one).some((given) => sourceOf(at.tree, given) === name);
    if (used) found = one;
    return used;
  });
  return found;
}

/** Whether the question is answered yes for the node or one below it. */
function below(node: Node, asked: (one: Node) => boolean): boolean {
  const waiting = [node];
  for (let count = 0; waiting.length > 0 && count < nodesMost; count++) {
    const one = waiting.pop();
    if (one === undefined) return false;
    if (asked(one)) return true;
    waiting.push(...[...one.children].reverse());
  }
  return false;
}
