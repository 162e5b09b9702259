/**
 * @file The common syntax to which all languages are lowered: expressions, and statements in execution order.
 *
 * Each language's file in `languages/` converts its tree to this form. Rules and value tracing use only this form.
 */

/** A range of the text, in UTF-16 units. */
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

/** Text with interpolated expressions. Without expressions among its pieces it is constant. */
export interface TextExpr extends Span {
  readonly kind: "text";
  readonly pieces: readonly (string | Expr)[];
}
/** A number, a boolean or null. */
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
/** `object[index]`. A slice `object[from:to]` has no index value. */
export interface IndexExpr extends Span {
  readonly kind: "index";
  readonly object: Expr;
  readonly index: Expr;
  readonly slice?: { readonly from?: Expr; readonly to?: Expr };
}
/** A call or object construction. */
export interface CallExpr extends Span {
  readonly kind: "call";
  readonly callee: Expr;
  readonly args: readonly Argument[];
}
/** An argument. */
export interface Argument {
  readonly name?: string;
  /** `*list`, `**names`, `...list`. */
  readonly spread?: boolean;
  readonly value: Expr;
}
/**
 * `a + b + c`, `not a`, `a in b`. A chain of one operator is one operation. Operators have Python's names:
 * `and or not == in`.
 */
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
/** An anonymous function, or one used as a value. */
export interface FunctionExpr extends Span {
  readonly kind: "function";
  readonly made: FunctionMade;
}
/** Any other value, composed of its parts; `bindings` are variables of a comprehension. */
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
  /** Decorators, annotations and attributes. */
  readonly marks: readonly Expr[];
  /** The first parameter of a method is its object, in languages that declare it. */
  readonly method: boolean;
}
/** A parameter. */
export interface Parameter {
  readonly name: string;
  /** The type as source, or "". */
  readonly type: string;
  readonly standard?: Expr;
  /** The destructuring pattern: `({ a, b })`. */
  readonly pattern?: Expr;
}

/** A statement. */
export type Statement =
  | (Span & { readonly kind: "do"; readonly value: Expr })
  | (Span & {
      readonly kind: "assign";
      readonly target: Expr;
      readonly value: Expr;
      /** `+` for `+=`; absent for a plain assignment. */
      readonly operator?: string;
      /** The declared type as source. */
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
  /** `local` refers to `path` from here on; `*` imports all names of it. */
  | (Span & { readonly kind: "import"; readonly local: string; readonly path: string })
  | (Span & { readonly kind: "assert"; readonly test: Expr })
  | (Span & { readonly kind: "block"; readonly body: readonly Statement[] });

/** An exception handler. */
export interface Handler extends Span {
  /** The variable that holds the exception, or "". */
  readonly name: string;
  /** The caught type as source, or "". */
  readonly caught: string;
  readonly body: readonly Statement[];
}
