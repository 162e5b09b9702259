/**
 * @file Symbolic execution of a pickle without calling anything. Records imports, including names taken from the memo.
 */
import { type Argument, type Instruction, instructions } from "./opcodes.ts";
import type { Collected } from "./report.ts";

/** What is known about a value on the stack. */
type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "import" }
  | { readonly kind: "mark" }
  | { readonly kind: "other" };

const other: Value = { kind: "other" };
const imported: Value = { kind: "import" };
const mark: Value = { kind: "mark" };

/** Maximum depth of nested pickles. */
const deepest = 3;

/** Names are shorter, so longer texts need not be retained. */
const longestName = 1_024;

/**
 * Walks the stream at `start` up to its STOP.
 *
 * @returns where it ends; `null` if it is broken, which is a fault unless `isGuess`
 */
export function walkPickle(
  bytes: Uint8Array,
  start: number,
  member: string,
  collected: Collected,
  isGuess: boolean,
  depth = 0,
): number | null {
  const machine = new Machine(bytes, start, member, collected, depth);
  const end = machine.run();
  if (typeof end === "number") {
    collected.pickles += 1;
    return end;
  }
  if (!isGuess) collected.fault(end, machine.at, member);
  return null;
}

/** Whether bytes begin like pickles of protocol 2 and later. */
export function beginsAsPickle(bytes: Uint8Array, at = 0): boolean {
  return bytes[at] === 0x80 && (bytes[at + 1] ?? 9) >= 2 && (bytes[at + 1] ?? 9) <= 5;
}

class Machine {
  at: number;
  private readonly bytes: Uint8Array;
  private readonly member: string;
  private readonly collected: Collected;
  private readonly depth: number;
  private readonly stack: Value[] = [];
  private readonly memo = new Map<number, Value>();

  constructor(bytes: Uint8Array, at: number, member: string, collected: Collected, depth: number) {
    this.bytes = bytes;
    this.at = at;
    this.member = member;
    this.collected = collected;
    this.depth = depth;
  }

  /** The end of the stream, or why it is broken. */
  run(): number | string {
    for (;;) {
      const code = this.bytes[this.at];
      if (code === undefined) return "the pickle ends without its STOP";
      const instruction = instructions[code];
      if (instruction === undefined) return `no instruction has the code ${code}`;
      const offset = this.at;
      this.at += 1;
      const argument = this.read(instruction.argument);
      if (argument === null) return `the argument of ${instruction.name} is cut off`;
      if (instruction.name === "STOP") return this.at;
      if (!this.step(instruction, argument, offset))
        return `${instruction.name} finds too little on the stack`;
    }
  }

  /** The bytes of an argument; `null` if the file ends within it. */
  private read(argument: Argument): Uint8Array | null {
    if (argument === "line") return this.line();
    if (argument === "lines") {
      const start = this.at;
      return this.line() === null || this.line() === null ? null : this.bytes.subarray(start, this.at);
    }
    if (typeof argument === "number") return this.take(argument);
    const size = this.take(Number(argument.slice("counted".length)));
    return size === null ? null : this.take(numberFrom(size));
  }

  private line(): Uint8Array | null {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) return null;
    const line = this.bytes.subarray(this.at, end);
    this.at = end + 1;
    return line;
  }

  private take(count: number): Uint8Array | null {
    if (count > this.bytes.length - this.at) return null;
    const taken = this.bytes.subarray(this.at, this.at + count);
    this.at += count;
    return taken;
  }

  /** Applies one instruction to the stack; false on stack underflow. */
  private step({ name, takes, leaves }: Instruction, argument: Uint8Array, offset: number): boolean {
    if (name === "DUP") return this.push(this.stack.at(-1));
    if (name === "MARK") return this.push(mark);
    if (name === "BUILD" && this.stack.at(-2)?.kind === "import") {
      this.collected.import("? (attributes of an import are changed)", offset, this.member, false);
    }
    const taken = takes === "mark" ? this.popToMark() : this.pop(takes);
    if (taken === null) return false;
    if (/^(?:BIN|LONG_BIN)?PUT$|^MEMOIZE$/.test(name)) {
      const top = this.stack.at(-1);
      if (top === undefined) return false;
      this.memo.set(name === "MEMOIZE" ? this.memo.size : indexFrom(name, argument), top);
      return true;
    }
    return leaves ? this.push(this.result(name, argument, taken, offset)) : true;
  }

  private push(value: Value | undefined): boolean {
    if (value === undefined) return false;
    this.stack.push(value);
    return true;
  }

  private pop(count: number): Value[] | null {
    if (count > this.stack.length) return null;
    return count === 0 ? [] : this.stack.splice(-count);
  }

  private popToMark(): Value[] | null {
    const at = this.stack.lastIndexOf(mark);
    return at < 0 ? null : this.stack.splice(at).slice(1);
  }

  private result(name: string, argument: Uint8Array, taken: readonly Value[], offset: number): Value {
    switch (name) {
      case "GLOBAL":
      case "INST": {
        const [module = "", attribute = ""] = textFrom(argument).split("\n");
        return this.import(module.trim(), attribute.trim(), offset, name === "INST");
      }
      case "STACK_GLOBAL": {
        const [module, attribute] = taken.map((value) => (value.kind === "text" ? value.text : "?"));
        return this.import(module ?? "?", attribute ?? "?", offset, false);
      }
      case "EXT1":
      case "EXT2":
      case "EXT4":
        return this.import("?", `extension ${numberFrom(argument)}`, offset, false);
      case "GET":
      case "BINGET":
      case "LONG_BINGET":
        return this.memo.get(indexFrom(name, argument)) ?? other;
      case "STRING":
        return textValue(argument.subarray(1, -1));
      case "UNICODE":
      case "BINUNICODE":
      case "SHORT_BINUNICODE":
      case "BINUNICODE8":
      case "BINSTRING":
      case "SHORT_BINSTRING":
        this.nested(argument, offset);
        return textValue(argument);
      case "BINBYTES":
      case "SHORT_BINBYTES":
      case "BINBYTES8":
      case "BYTEARRAY8":
        this.nested(argument, offset);
        return other;
      default:
        return other;
    }
  }

  private import(module: string, name: string, offset: number, isMade: boolean): Value {
    this.collected.import(`${module}.${name}`, offset, this.member, isAllowed(module, name));
    return isMade ? other : imported;
  }

  private nested(bytes: Uint8Array, offset: number): void {
    if (this.depth >= deepest || !beginsAsPickle(bytes)) return;
    const member = `${this.member === "" ? "" : `${this.member}/`}bytes at ${offset}`;
    walkPickle(bytes, 0, member, this.collected, true, this.depth + 1);
  }
}

function textValue(bytes: Uint8Array): Value {
  return bytes.length > longestName ? other : { kind: "text", text: textFrom(bytes) };
}

function textFrom(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 2 * longestName));
}

/** Little-endian and unsigned; beyond 2^53 it is too large for any file. */
function numberFrom(bytes: Uint8Array): number {
  let value = 0;
  for (let place = bytes.length - 1; place >= 0; place -= 1) value = value * 256 + (bytes[place] ?? 0);
  return value;
}

function indexFrom(name: string, argument: Uint8Array): number {
  return name === "GET" || name === "PUT" ? Number.parseInt(textFrom(argument), 10) : numberFrom(argument);
}

const allowed: Readonly<Record<string, string>> = {
  builtins: "set frozenset list dict tuple int long float str bytes bytearray complex bool slice range",
  collections: "OrderedDict defaultdict Counter deque",
  copyreg: "_reconstructor",
  _codecs: "encode",
  datetime: "datetime date time timedelta timezone",
  argparse: "Namespace",
  torch:
    "Size device dtype Tensor float16 float32 float64 bfloat16 half float double int8 int16 int32 int64 uint8 bool " +
    "complex64 complex128 float8_e4m3fn float8_e5m2 strided FloatStorage DoubleStorage HalfStorage BFloat16Storage " +
    "LongStorage IntStorage ShortStorage CharStorage ByteStorage BoolStorage ComplexFloatStorage " +
    "ComplexDoubleStorage QInt8Storage QUInt8Storage QInt32Storage UntypedStorage per_tensor_affine " +
    "per_channel_affine",
  "torch.storage": "UntypedStorage TypedStorage",
  "torch._utils":
    "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_with_state " +
    "_rebuild_qtensor _rebuild_sparse_tensor _rebuild_meta_tensor_no_storage",
  "torch._tensor": "_rebuild_from_type_v2",
  "torch.nn.parameter": "Parameter",
  "torch.serialization": "_get_layout",
  numpy: "dtype ndarray",
  "numpy.core.multiarray": "_reconstruct scalar",
  "numpy.core.numeric": "_frombuffer",
};

const names = new Set(
  Object.entries(allowed).flatMap(([module, list]) => list.split(" ").map((name) => `${module}.${name}`)),
);

/** Aliases of the same modules: those of Python 2, and of NumPy 2. */
const same: Readonly<Record<string, string>> = {
  __builtin__: "builtins",
  copy_reg: "copyreg",
  "numpy._core.multiarray": "numpy.core.multiarray",
  "numpy._core.numeric": "numpy.core.numeric",
};

/** Whether an import is on the allowlist. */
function isAllowed(module: string, name: string): boolean {
  const known = Object.hasOwn(same, module) ? (same[module] ?? module) : module;
  return names.has(`${known}.${name}`);
}
