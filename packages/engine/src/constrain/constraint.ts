/**
 * @file Answers that match an expression: before each token, those that keep the answer valid.
 *
 * One token is tested by its bytes alone, which costs nothing beside a pass; the marks of all tokens are made where
 * that token does not fit, or one is drawn, and are kept for all states that allow the same.
 */
import { problem } from "../problem/index.ts";
import { type Expression, type ExpressionPool, TooManyExpressions } from "./expression.ts";
import { jsonExpression } from "./json-schema.ts";
import type { TokenVocabulary } from "./vocabulary.ts";

/** What one answer may still say. */
export interface AnswerConstraint {
  /** Whether the answer is valid as it is, so that it may end. */
  readonly mayEnd: boolean;
  /** Whether it is valid and nothing can follow. */
  readonly isComplete: boolean;
  allows(token: number): boolean;
  /** 1 for each token that may follow, by id. */
  allowed(): Uint8Array;
  /** Goes on after a token that is allowed. */
  add(token: number): void;
}

/** Restricts answers; keeps what it finds out for all of them. */
export interface TokenConstraint {
  /** A new answer. */
  begin(): AnswerConstraint;
}

/** Memory of the marks that are kept for a schema, one byte a token for each state. */
const marksBytesMost = 16_000_000;

/**
 * Restricts answers to the JSON texts that are valid against a schema, `null` for any object.
 *
 * What is kept takes at most 24 MB for the schema, as much for states of answers, and 16 MB of marks; states beyond
 * that are forgotten and found again.
 *
 * @throws {TunewiseError} `SCHEMA_UNSUPPORTED`, also by an answer; `CONSTRAINT_DEAD_END` by an answer that no token can
 *   continue
 */
export function constrainToJson(schema: unknown, vocabulary: TokenVocabulary): TokenConstraint {
  const { pool, root } = jsonExpression(schema);
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

/** The marks of tokens by state. */
class StateMarks {
  private readonly pool: ExpressionPool;
  private readonly vocabulary: TokenVocabulary;
  private readonly most: number;
  /** States that allow the same, by state. */
  private readonly alike = new WeakMap<Expression, Expression>();
  /** The least recently used first. */
  private readonly known = new Map<Expression, Uint8Array>();

  constructor(pool: ExpressionPool, vocabulary: TokenVocabulary) {
    this.pool = pool;
    this.vocabulary = vocabulary;
    this.most = Math.min(128, Math.max(4, Math.floor(marksBytesMost / (vocabulary.size + 1))));
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
