/**
 * @file Constrains answers to an expression: determines which tokens keep an answer valid.
 *
 * Testing a single token by its bytes costs almost nothing compared with a pass. The mask over all tokens is computed
 * only if the likeliest token is not allowed, or if tokens are sampled. It is cached for all states that allow the same
 * tokens.
 */
import { problem } from "../problem/index.ts";
import { callsExpression, introducedCalls, type RequiredCalls } from "./calls.ts";
import { type Expression, type ExpressionPool, TooManyExpressions } from "./expression.ts";
import { type FreeState, freeText, type Introduction, introductionOf } from "./free-text.ts";
import { type CompiledExpression, jsonExpression } from "./json-schema.ts";
import type { TokenVocabulary } from "./vocabulary.ts";

/** The constraint on the rest of one answer. */
export interface AnswerConstraint {
  /** Whether the answer so far is valid, so that it may end here. */
  readonly mayEnd: boolean;
  /** Whether the answer is valid and no token can follow. */
  readonly isComplete: boolean;
  allows(token: number): boolean;
  /** 1 for each token that may follow, by id. */
  allowed(): Uint8Array;
  /** Advances past a token, which must be allowed. */
  add(token: number): void;
}

/** A constraint on answers, whose caches all answers share. */
export interface TokenConstraint {
  /** Starts a new answer. */
  begin(): AnswerConstraint;
}

/** Maximum memory for a schema's cached token masks: one byte per token for each state. */
const maxMarksBytes = 16_000_000;

/**
 * Constrains answers to JSON texts that are valid against a schema; `null` allows any object.
 *
 * Memory limits: 24 MB for the schema, 24 MB for the states of answers, and 16 MB for token masks. States beyond that
 * are evicted and computed again on demand.
 *
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED`, also from an answer's methods; `CONSTRAINT_DEAD_END` from an answer
 *   that no token can continue
 */
export function constrainToJson(schema: unknown, vocabulary: TokenVocabulary): TokenConstraint {
  return constraintOf(jsonExpression(schema), vocabulary);
}

/**
 * Constrains answers to calls of tools, written in a model's syntax, whose arguments are valid against their schemas.
 * Memory limits as for `constrainToJson`.
 *
 * @param vocabulary with the special tokens of the syntax as texts
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED` for a schema, or for a syntax whose arguments cannot be restricted;
 *   `CONSTRAINT_DEAD_END` from an answer that no token can continue
 */
export function constrainToCalls(calls: RequiredCalls, vocabulary: TokenVocabulary): TokenConstraint {
  return constraintOf(callsExpression(calls), vocabulary);
}

/**
 * Leaves answers free until a call begins in a model's own syntax, and restricts the rest as `constrainToCalls` does.
 * Text inside reasoning begins no call. If there are no functions, no call can begin.
 *
 * @param calls functions may be empty
 * @param vocabulary with the special tokens of the syntax as texts
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED` for a schema, or for a syntax whose arguments cannot be restricted or
 *   whose calls begin like any text; `CONSTRAINT_DEAD_END` from an answer that no token can continue
 */
export function constrainCallsInText(calls: RequiredCalls, vocabulary: TokenVocabulary): TokenConstraint {
  const introduction = introductionOf(calls.syntax);
  const { pool, root } = introducedCalls(introduction.leads, calls);
  return new CallsInText(pool, root, introduction, vocabulary);
}

/** What an answer may continue with: any text, or the rest of its calls. */
type TextState =
  | { readonly kind: "free"; readonly at: FreeState }
  | { readonly kind: "calls"; readonly rest: Expression };

class CallsInText implements TokenConstraint {
  private readonly pool: ExpressionPool;
  private readonly vocabulary: TokenVocabulary;
  private readonly start: FreeState;
  /** What follows each text that begins a call, by the text. */
  private readonly begun: ReadonlyMap<string, Expression>;
  private readonly marks: StateMarks;
  private readonly freeMarks = new Map<FreeState, Uint8Array>();

  constructor(
    pool: ExpressionPool,
    root: Expression,
    introduction: Introduction,
    vocabulary: TokenVocabulary,
  ) {
    this.pool = pool;
    this.vocabulary = vocabulary;
    this.start = freeText(introduction);
    this.marks = new StateMarks(pool, vocabulary);
    const after = (trigger: string): Expression =>
      Buffer.from(trigger, "latin1").reduce((rest, byte) => pool.derivative(rest, byte), root);
    this.begun = new Map(introduction.triggers.map((trigger) => [trigger, after(trigger)]));
  }

  begin(): AnswerConstraint {
    let state: TextState = { kind: "free", at: this.start };
    const follow = (token: number): TextState | null => withinAlternatives(() => this.follow(state, token));
    return {
      get mayEnd(): boolean {
        return state.kind === "free" || state.rest.isNullable;
      },
      get isComplete(): boolean {
        return state.kind === "calls" && state.rest.form.kind === "empty";
      },
      allows: (token) => follow(token) !== null,
      allowed: () =>
        withinAlternatives(() =>
          state.kind === "calls" ? this.marks.of(state.rest) : this.marksOfFree(state.at),
        ),
      add: (token) => {
        state = follow(token) ?? state;
      },
    };
  }

  /** The state behind a token; `null` if the token is not allowed. */
  private follow(from: TextState, token: number): TextState | null {
    const bytes = this.vocabulary.bytesOf(token);
    if (bytes === null) return from.kind === "free" ? from : null; // special tokens are no part of the text
    let state = from;
    for (const byte of bytes) {
      if (state.kind === "calls") state = { kind: "calls", rest: this.pool.derivative(state.rest, byte) };
      else {
        const next = state.at.after(byte);
        state =
          typeof next === "string"
            ? { kind: "calls", rest: this.begun.get(next) ?? this.pool.nothing }
            : { kind: "free", at: next };
      }
      if (state.kind === "calls" && state.rest === this.pool.nothing) return null;
    }
    return state;
  }

  private marksOfFree(at: FreeState): Uint8Array {
    const known = this.freeMarks.get(at);
    if (known) return known;
    const marks = new Uint8Array(this.vocabulary.size);
    for (let token = 0; token < marks.length; token++)
      marks[token] = this.follow({ kind: "free", at }, token) === null ? 0 : 1;
    this.freeMarks.set(at, marks);
    return marks;
  }
}

function constraintOf({ pool, root }: CompiledExpression, vocabulary: TokenVocabulary): TokenConstraint {
  const marks = new StateMarks(pool, vocabulary);
  return {
    begin: () => {
      let state = root;
      const follow = (token: number): Expression =>
        withinAlternatives(() => vocabulary.after(pool, state, token));
      return {
        get mayEnd(): boolean {
          return state.isNullable;
        },
        get isComplete(): boolean {
          return state === pool.empty;
        },
        allows: (token) => follow(token) !== pool.nothing,
        allowed: () => withinAlternatives(() => marks.of(state)),
        add: (token) => {
          state = follow(token);
        },
      };
    },
  };
}

function withinAlternatives<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof TooManyExpressions)) throw error;
    throw problem("SCHEMA_UNSUPPORTED", { place: "#", found: error.message });
  }
}

/** An LRU cache of token masks by state. */
class StateMarks {
  private readonly pool: ExpressionPool;
  private readonly vocabulary: TokenVocabulary;
  private readonly most: number;
  /** Maps each state to a representative of the states that allow the same tokens. */
  private readonly alike = new WeakMap<Expression, Expression>();
  /** Masks in the order of their last use, the oldest first. */
  private readonly known = new Map<Expression, Uint8Array>();

  constructor(pool: ExpressionPool, vocabulary: TokenVocabulary) {
    this.pool = pool;
    this.vocabulary = vocabulary;
    this.most = Math.min(128, Math.max(4, Math.floor(maxMarksBytes / (vocabulary.size + 1))));
  }

  /** @throws {TunewiseError} `CONSTRAINT_DEAD_END` */
  of(state: Expression): Uint8Array {
    const key = this.alike.get(state) ?? this.pool.within(state, this.vocabulary.longest);
    this.alike.set(state, key);
    const marks = this.known.get(key) ?? this.vocabulary.allowed(this.pool, key);
    if (!key.isNullable && !marks.includes(1)) throw problem("CONSTRAINT_DEAD_END");
    this.known.delete(key);
    this.known.set(key, marks);
    const [oldest] = this.known.keys();
    if (this.known.size > this.most && oldest !== undefined) this.known.delete(oldest);
    return marks;
  }
}
