/**
 * @file Instruction set of the pickle machine: arguments and stack effects.
 *
 * @source CPython's Lib/pickletools.py, protocols 0 to 5
 */

/** Argument of an instruction: nothing, a number of bytes, a line, two lines, or length-prefixed bytes. */
export type Argument = number | "line" | "lines" | "counted1" | "counted4" | "counted8";

/** One instruction. */
export interface Instruction {
  readonly name: string;
  readonly argument: Argument;
  /** Values popped from the stack; `mark`: all down to and including the mark. */
  readonly takes: number | "mark";
  /** Whether a value is pushed. */
  readonly leaves: boolean;
}

const table = `
( MARK 0 0 1|. STOP 0 1 0|0 POP 0 1 0|1 POP_MARK 0 mark 0|2 DUP 0 0 1|F FLOAT line 0 1|I INT line 0 1
J BININT 4 0 1|K BININT1 1 0 1|L LONG line 0 1|M BININT2 2 0 1|N NONE 0 0 1|P PERSID line 0 1|Q BINPERSID 0 1 1
R REDUCE 0 2 1|S STRING line 0 1|T BINSTRING counted4 0 1|U SHORT_BINSTRING counted1 0 1|V UNICODE line 0 1
X BINUNICODE counted4 0 1|a APPEND 0 1 0|b BUILD 0 1 0|c GLOBAL lines 0 1|d DICT 0 mark 1|} EMPTY_DICT 0 0 1
e APPENDS 0 mark 0|g GET line 0 1|h BINGET 1 0 1|i INST lines mark 1|j LONG_BINGET 4 0 1|l LIST 0 mark 1
] EMPTY_LIST 0 0 1|o OBJ 0 mark 1|p PUT line 0 0|q BINPUT 1 0 0|r LONG_BINPUT 4 0 0|s SETITEM 0 2 0|t TUPLE 0 mark 1
) EMPTY_TUPLE 0 0 1|u SETITEMS 0 mark 0|G BINFLOAT 8 0 1|B BINBYTES counted4 0 1|C SHORT_BINBYTES counted1 0 1
80 PROTO 1 0 0|81 NEWOBJ 0 2 1|82 EXT1 1 0 1|83 EXT2 2 0 1|84 EXT4 4 0 1|85 TUPLE1 0 1 1|86 TUPLE2 0 2 1
87 TUPLE3 0 3 1|88 NEWTRUE 0 0 1|89 NEWFALSE 0 0 1|8a LONG1 counted1 0 1|8b LONG4 counted4 0 1
8c SHORT_BINUNICODE counted1 0 1|8d BINUNICODE8 counted8 0 1|8e BINBYTES8 counted8 0 1|8f EMPTY_SET 0 0 1
90 ADDITEMS 0 mark 0|91 FROZENSET 0 mark 1|92 NEWOBJ_EX 0 3 1|93 STACK_GLOBAL 0 2 1|94 MEMOIZE 0 0 0|95 FRAME 8 0 0
96 BYTEARRAY8 counted8 0 1|97 NEXT_BUFFER 0 0 1|98 READONLY_BUFFER 0 1 1`;

/** By opcode; `undefined` for unassigned ones. */
export const instructions: readonly (Instruction | undefined)[] = readTable();

function readTable(): (Instruction | undefined)[] {
  const found: (Instruction | undefined)[] = new Array(256).fill(undefined);
  for (const row of table.trim().split(/[|\n]/)) {
    const [sign = "", name = "", argument = "0", takes = "0", leaves] = row.split(" ");
    const code = sign.length === 1 ? sign.charCodeAt(0) : Number.parseInt(sign, 16);
    found[code] = {
      name,
      argument: /^\d$/.test(argument) ? Number(argument) : (argument as Argument),
      takes: takes === "mark" ? "mark" : Number(takes),
      leaves: leaves === "1",
    };
  }
  return found;
}
