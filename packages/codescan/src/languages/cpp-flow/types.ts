/** @file Types of C and C++ as far as sizes need them: numbers, pointers, arrays, records (LP64). */
import { type Node, part, parts, sourceOf, type Tree } from "../../engine/tree.ts";
import { aliased } from "../cpp-aliases.ts";

/** A type. */
export interface Type {
  readonly kind: "number" | "float" | "pointer" | "array" | "record" | "other";
  /** `undefined` where nobody knows. */
  readonly bytes: number | undefined;
  readonly signed: boolean;
  /** What a pointer points at, what an array is made of. */
  readonly to?: Type;
  readonly record?: RecordType;
  /** What the size does not say: `HRESULT`, where 0 is good news; `BOOL`; wide characters; streams of files. */
  readonly label?: "result" | "truth" | "wide" | "stream";
}

/** A struct, class or union. */
export interface RecordType {
  readonly fields: ReadonlyMap<string, { readonly type: Type; readonly offset: number | undefined }>;
  /** The name of the last field: an array there may be longer than it says. */
  readonly last: string;
  /** It has numbers and pointers alone: nobody gives its fields their values. */
  readonly plain: boolean;
}

/** Nothing is known. */
export const other: Type = { kind: "other", bytes: undefined, signed: true };
/** `int`. */
export const int: Type = number(4, true);
/** `size_t`. */
export const size: Type = number(8, false);
/** `char`. */
export const char: Type = number(1, true);

function number(bytes: number, signed: boolean): Type {
  return { kind: "number", bytes, signed };
}

/** A pointer. */
export function pointerTo(to: Type): Type {
  return { kind: "pointer", bytes: 8, signed: false, to };
}

/** An array. */
export function arrayOf(to: Type, length: number | undefined): Type {
  const bytes = length === undefined || to.bytes === undefined ? undefined : length * to.bytes;
  return { kind: "array", bytes, signed: false, to };
}

const float: Type = { kind: "float", bytes: 8, signed: true };

function all(names: string, type: Type): Record<string, Type> {
  return Object.fromEntries(names.split(" ").map((name) => [name, type]));
}

/** Names of types of the language, of POSIX, Windows, the kernel and GLib. */
const named: Readonly<Record<string, Type>> = {
  ...all("char CHAR gchar int8_t s8 __s8 INT8 gint8 TCHAR", char),
  ...all(
    "bool _Bool uint8_t u8 __u8 BYTE UCHAR u_char uchar byte guchar guint8 UINT8 u_int8_t",
    number(1, false),
  ),
  ...all("short int16_t s16 __s16 SHORT INT16 gint16", number(2, true)),
  ...all(
    "uint16_t u16 __u16 WORD USHORT UINT16 ushort u_short guint16 u_int16_t __be16 __le16",
    number(2, false),
  ),
  ...all("int int32_t s32 __s32 INT BOOL LONG INT32 gint gint32 gboolean HRESULT pid_t wint_t", int),
  ...all(
    "uint32_t u32 __u32 DWORD UINT ULONG UINT32 uint u_int guint guint32 u_int32_t __be32 __le32 uid_t gid_t mode_t",
    number(4, false),
  ),
  ...all(
    "long int64_t s64 __s64 INT64 LONGLONG ssize_t ptrdiff_t off_t time_t intptr_t gssize SSIZE_T",
    number(8, true),
  ),
  ...all(
    "uint64_t u64 __u64 UINT64 ULONGLONG DWORD64 size_t uintptr_t gsize SIZE_T guint64 ulong u_long",
    size,
  ),
  ...{
    wchar_t: { ...number(4, true), label: "wide" },
    WCHAR: { ...number(2, false), label: "wide" },
    char16_t: number(2, false),
    char32_t: number(4, false),
  },
  ...{ float: { ...float, bytes: 4 }, double: float, gdouble: float, FLOAT: { ...float, bytes: 4 } },
  ...all("LPSTR PSTR LPCSTR PCSTR", pointerTo(char)),
  ...all("LPWSTR PWSTR LPCWSTR PCWSTR", pointerTo({ ...number(2, false), label: "wide" })),
};

/** What a file declares: types by name, constants by name. */
export interface Names {
  readonly tree: Tree;
  readonly types: Map<string, Type>;
  readonly constants: Map<string, number>;
  /** Lengths in declarations. */
  readonly constant: (node: Node | undefined) => number | undefined;
}

/** The type that a declaration begins with. */
export function baseType(names: Names, node: Node): Type {
  const specifier = parts(node).find(
    ({ kind }) =>
      /type|_specifier$|qualified_identifier/.test(kind) && !/qualifier|storage|virtual|explicit/.test(kind),
  );
  return specifier === undefined ? other : specified(names, specifier);
}

function specified(names: Names, node: Node): Type {
  const source = aliased(names.tree, sourceOf(names.tree, node).slice(0, 200));
  switch (node.kind) {
    case "primitive_type":
    case "type_identifier":
      // a list of arguments is begun by `va_start`, which looks like a use
      if (/va_list$/.test(source)) return other;
      return labeled(source, names.types.get(source) ?? own(source) ?? other);
    case "sized_type_specifier":
      return sized(source);
    case "enum_specifier":
      return int;
    case "struct_specifier":
    case "union_specifier":
    case "class_specifier":
      return recordType(names, node);
    case "qualified_identifier":
      return labeled(source, own(source.replace(/^(::)?std::/, "")) ?? other);
    default:
      return other;
  }
}

const labels: Readonly<Record<string, NonNullable<Type["label"]>>> = {
  ...{ HRESULT: "result", BOOL: "truth", bool: "truth", _Bool: "truth", BOOLEAN: "truth" },
  ...{ wchar_t: "wide", WCHAR: "wide", char16_t: "wide" },
  ...{ ifstream: "stream", wifstream: "stream", fstream: "stream", istream: "stream", wistream: "stream" },
};

function labeled(source: string, type: Type): Type {
  const name = source.replace(/^(::)?std::/, "");
  const label = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return label === undefined ? type : { ...type, label };
}

function own(name: string): Type | undefined {
  return Object.hasOwn(named, name) ? named[name] : undefined;
}

/** `unsigned long int` and its like. */
function sized(source: string): Type {
  const signed = !/\bunsigned\b/.test(source);
  if (/\bdouble\b/.test(source)) return { ...float, bytes: 16 };
  if (/\bchar\b/.test(source)) return number(1, signed);
  if (/\bshort\b/.test(source)) return number(2, signed);
  return number(/\blong\b/.test(source) ? 8 : 4, signed);
}

const fieldsMost = 400;

/** A record's fields with their places; one that is only named is looked up. */
function recordType(names: Names, node: Node): Type {
  const called = part(node, "type_identifier");
  const name = called === undefined ? "" : sourceOf(names.tree, called);
  const body = part(node, "field_declaration_list");
  if (body === undefined) return names.types.get(name) ?? other;
  const hasCode = /\)\s{0,9}(const\s{0,9})?(\{|:|;)|\{[^}]{0,2000}=/.test(
    sourceOf(names.tree, body).slice(0, 4000),
  );
  const isUnion = node.kind === "union_specifier";
  const fields = new Map<string, { type: Type; offset: number | undefined }>();
  let at: number | undefined = 0;
  let most: number | undefined = 0;
  let align = 1;
  let last = "";
  for (const one of parts(body)
    .filter(({ kind }) => kind === "field_declaration")
    .slice(0, fieldsMost)) {
    const base = baseType(names, one);
    const declarators = parts(one).filter(({ kind }) => /declarator$|^field_identifier$/.test(kind));
    if (declarators.some(({ kind }) => kind === "function_declarator") || part(one, "bitfield_clause"))
      continue;
    for (const declarator of declarators) {
      const { name: field, type } = declared(names, base, declarator);
      const step = alignOf(type);
      align = Math.max(align, step);
      const offset: number | undefined = isUnion
        ? 0
        : at === undefined
          ? undefined
          : Math.ceil(at / step) * step;
      fields.set(field, { type, offset });
      const isFlexible = type.kind === "array" && type.bytes === undefined;
      const end: number | undefined =
        offset === undefined
          ? undefined
          : isFlexible
            ? offset
            : type.bytes === undefined
              ? undefined
              : offset + type.bytes;
      at = end;
      most = most === undefined || end === undefined ? undefined : Math.max(most, end);
      last = field;
    }
  }
  const bytes = most === undefined || fields.size === 0 ? undefined : Math.ceil(most / align) * align;
  const plain =
    !hasCode &&
    !isUnion &&
    [...fields.values()].every(({ type: { kind } }) => /^(number|float|pointer)$/.test(kind));
  const type: Type = {
    kind: "record",
    bytes,
    signed: false,
    record: { fields, last: isUnion ? "" : last, plain },
  };
  if (name !== "") names.types.set(name, type);
  return type;
}

function alignOf({ kind, to, bytes, record }: Type): number {
  if (kind === "array" && to !== undefined) return alignOf(to);
  if (record !== undefined)
    return Math.max(1, ...[...record.fields.values()].map(({ type }) => alignOf(type)));
  return Math.min(8, Math.max(1, bytes ?? 1));
}

/** A declarator's name and type: stars, brackets and parentheses around the name. */
export function declared(names: Names, base: Type, node: Node): { name: string; type: Type; node: Node } {
  let type = base;
  let here: Node = node;
  for (let depth = 0; depth < 20; depth++) {
    const inner: Node | undefined = parts(here).find(({ kind }) => /declarator$|identifier$/.test(kind));
    if (here.kind === "array_declarator") type = arrayOf(type, names.constant(parts(here)[1]));
    else if (here.kind === "pointer_declarator" || here.kind === "abstract_pointer_declarator")
      type = pointerTo(type);
    else if (here.kind === "abstract_array_declarator") type = arrayOf(type, names.constant(parts(here)[0]));
    else if (here.kind === "function_declarator" || here.kind === "reference_declarator") type = other;
    if (/identifier$/.test(here.kind) || inner === undefined) break;
    here = inner;
  }
  return { name: /identifier$/.test(here.kind) ? sourceOf(names.tree, here) : "", type, node: here };
}

/** The type in a cast or behind `sizeof`. */
export function describedType(names: Names, node: Node): Type {
  const base = baseType(names, node);
  const abstract = parts(node).find(({ kind }) => /^abstract_/.test(kind));
  return abstract === undefined ? base : declared(names, base, abstract).type;
}

/** Least and most that a number of the type can be. */
export function rangeOf({ kind, bytes, signed }: Type): readonly [number, number] {
  if (kind !== "number" || bytes === undefined) return [-Infinity, Infinity];
  return signed ? [-(2 ** (bytes * 8 - 1)), 2 ** (bytes * 8 - 1) - 1] : [0, 2 ** (bytes * 8) - 1];
}
