/**
 * @file The small syntax that all languages are lowered to: what values are made of, and in which order things happen.
 *
 * A language's file in `languages/` turns its tree into this; rules and the tracing of values see nothing else.
 */

/** Where something stands, in UTF-16 units from the start of the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An expression. */
export type Expr =
  | TextExpr
  | ConstantExpr
  | NameExpr
  | MemberExpr
  | IndexExpr
  | CallExpr
  | OperationExpr
  | GroupExpr
  | ChoiceExpr
  | FunctionExpr
  | OtherExpr;

/** Text with what is put into it; without expressions among the pieces it is constant. */
export interface TextExpr extends Span {
  readonly kind: "text";
  readonly pieces: readonly (string | Expr)[];
}
/** A number, a truth value or nothing. */
export interface ConstantExpr extends Span {
  readonly kind: "constant";
  readonly value: number | boolean | null;
}
/** A variable, function or module. */
export interface NameExpr extends Span {
  readonly kind: "name";
  readonly name: string;
}
/** `object.name`. */
export interface MemberExpr extends Span {
  readonly kind: "member";
  readonly object: Expr;
  readonly name: string;
}
/** `object[index]`; of a piece, `object[from:to]`, the index is nothing. */
export interface IndexExpr extends Span {
  readonly kind: "index";
  readonly object: Expr;
  readonly index: Expr;
  readonly slice?: { readonly from?: Expr; readonly to?: Expr };
}
/** A call, or the making of an object. */
export interface CallExpr extends Span {
  readonly kind: "call";
  readonly callee: Expr;
  readonly args: readonly Argument[];
}
/** What is handed over. */
export interface Argument {
  readonly name?: string;
  /** `*list`, `**names`, `...list`. */
  readonly spread?: boolean;
  readonly value: Expr;
}
/** `a + b + c`, `not a`, `a in b`; a chain of one operator is one operation. Words are Python's: `and or not == in`. */
export interface OperationExpr extends Span {
  readonly kind: "operation";
  readonly operator: string;
  readonly operands: readonly Expr[];
}
/** A list, tuple, set, dictionary or object. */
export interface GroupExpr extends Span {
  readonly kind: "group";
  readonly entries: readonly { readonly key?: Expr; readonly value: Expr; readonly spread?: boolean }[];
}
/** `a if test else b`. */
export interface ChoiceExpr extends Span {
  readonly kind: "choice";
  readonly test: Expr;
  readonly met: Expr;
  readonly otherwise: Expr;
}
/** A function without a name, or one used as a value. */
export interface FunctionExpr extends Span {
  readonly kind: "function";
  readonly made: FunctionMade;
}
/** Everything else: a value made of its parts; `bindings` are variables of a comprehension. */
export interface OtherExpr extends Span {
  readonly kind: "other";
  readonly parts: readonly Expr[];
  readonly bindings?: readonly { readonly target: Expr; readonly from: Expr }[];
  readonly tests?: readonly Expr[];
}

/** A function with its body. */
export interface FunctionMade extends Span {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  /** What stands before it: decorators, annotations, attributes. */
  readonly marks: readonly Expr[];
  /** A method's first parameter is its object, where the language writes it down. */
  readonly method: boolean;
}
/** What a function takes. */
export interface Parameter {
  readonly name: string;
  /** The type's source, or "". */
  readonly type: string;
  readonly standard?: Expr;
  /** Where it is taken apart: `({ a, b })`. */
  readonly pattern?: Expr;
}

/** A statement. */
export type Statement =
  | (Span & { readonly kind: "do"; readonly value: Expr })
  | (Span & {
      readonly kind: "assign";
      readonly target: Expr;
      readonly value: Expr;
      /** `+` for `+=`; absent for a plain one. */
      readonly operator?: string;
      /** The type's source where it is declared. */
      readonly type?: string;
    })
  | (Span & { readonly kind: "return"; readonly value?: Expr })
  /** `raise`, `throw`, `break`, `continue`, `goto`. */
  | (Span & { readonly kind: "stop"; readonly value?: Expr; readonly word: string })
  | (Span & {
      readonly kind: "if";
      readonly test: Expr;
      readonly met: readonly Statement[];
      readonly otherwise: readonly Statement[];
    })
  | (Span & {
      readonly kind: "loop";
      readonly test?: Expr;
      readonly target?: Expr;
      readonly from?: Expr;
      readonly body: readonly Statement[];
    })
  | (Span & {
      readonly kind: "try";
      readonly body: readonly Statement[];
      readonly handlers: readonly Handler[];
      readonly last: readonly Statement[];
    })
  | (Span & { readonly kind: "function"; readonly made: FunctionMade })
  | (Span & {
      readonly kind: "class";
      readonly name: string;
      readonly bases: readonly Expr[];
      readonly body: readonly Statement[];
    })
  /** `local` stands for `path` from here on; `*` for all names of it. */
  | (Span & { readonly kind: "import"; readonly local: string; readonly path: string })
  | (Span & { readonly kind: "assert"; readonly test: Expr })
  | (Span & { readonly kind: "block"; readonly body: readonly Statement[] });

/** What is done about an error. */
export interface Handler extends Span {
  /** The variable that holds the error, or "". */
  readonly name: string;
  /** The source of what is caught, or "". */
  readonly caught: string;
  readonly body: readonly Statement[];
}
