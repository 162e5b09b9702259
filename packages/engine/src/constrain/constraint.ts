/**
 * @file Constrains answers to an expression: determines which tokens keep an answer valid.
 *
 * Testing a single token by its bytes costs almost nothing compared with a pass. The mask over all tokens is computed
 * only if the likeliest token is not allowed, or if tokens are sampled. It is cached for all states that allow the same
 * tokens.
 */
import { problem } from "../problem/index.ts";
import { callsExpression, type RequiredCalls } from "./calls.ts";
import { type Expression, type ExpressionPool, TooManyExpressions } from "./expression.ts";
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
