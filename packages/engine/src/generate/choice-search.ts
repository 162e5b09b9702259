/**
 * @file Best-first search for the likeliest of the given answers.
 *
 * Log probabilities only decrease along a path, so the first complete answer that beats every unexpanded node is the
 * likeliest of all. The search usually finds it after a few tokens of one or two answers.
 */
import type { TokenTree } from "./token-tree.ts";

/**
 * Growth of the number of nodes per pass. An untrained model expands nearly all nodes of 77 labels in any case: that
 * takes 5 passes, against 7 passes when doubling and 74 when expanding one node at a time, with the same tokens.
 */
const widthGrowth = 4;

/** The best answer, by its index among the choices. */
export interface Choice {
  readonly choice: number;
  /** Natural logarithm of the probability of exactly this answer, including its end. */
  readonly logProbability: number;
}

/** Log probabilities of the tokens that can follow a node. */
export interface NextTokens {
  of(token: number): number;
  /** Log probability that the answer ends here. */
  readonly end: number;
}

/**
 * The search for one prompt.
 *
 * @source uniform-cost search: Russell and Norvig 2010, Artificial Intelligence, section 3.4.2, the cost of a token
 *   being -log P
 */
export class ChoiceSearch {
  private readonly tree: TokenTree;
  /** Log probability of the path to each node for which it is known. */
  private readonly scores = new Map<number, number>();
  private readonly expanded = new Set<number>();
  private open: number[] = [];
  private found: Choice | null = null;
  /**
   * Nodes expanded per pass. Grows fourfold each time, so that a model that knows none of the labels needs few
   * passes.
   */
  private width = 1;

  constructor(tree: TokenTree) {
    this.tree = tree;
    this.scores.set(0, 0);
    this.open.push(0);
  }

  /** The likeliest answer, or `null` while an unexpanded node could still beat it. */
  get result(): Choice | null {
    return this.promising().length === 0 ? this.found : null;
  }

  /**
   * Nodes to expand next with their ancestors, parents first. A path without branches is followed to its end.
   *
   * @param max tokens; a single path is returned regardless of its length
   */
  next(max: number): number[] {
    const chosen = new Set<number>();
    const wanted = this.promising().sort((a, b) => this.scoreOf(b) - this.scoreOf(a) || a - b);
    for (const node of wanted.slice(0, this.width)) {
      const path = this.pathThrough(node);
      if (chosen.size > 0 && chosen.size + path.length > max) break;
      for (const one of path) chosen.add(one);
    }
    this.width *= widthGrowth;
    return [...chosen].sort((a, b) => a - b);
  }

  /** Whether a node's successors are still unknown. */
  isUnread(node: number): boolean {
    return !this.expanded.has(node);
  }

  /** Records the successors of a node that `next` returned; parents first. */
  expand(node: number, next: NextTokens): void {
    const { tree, scores } = this;
    const score = this.scoreOf(node);
    this.expanded.add(node);
    for (const child of tree.children[node] ?? []) {
      scores.set(child, sum(score, next.of(tree.tokens[child] as number)));
      this.open.push(child);
    }
    const sequence = tree.sequences[node] ?? -1;
    if (sequence < 0) return;
    const logProbability = sum(score, next.end);
    const isBetter =
      this.found === null ||
      logProbability > this.found.logProbability ||
      (logProbability === this.found.logProbability && sequence < this.found.choice);
    if (isBetter) this.found = { choice: sequence, logProbability };
  }

  /** Unexpanded nodes that can still lead to a likelier answer than the best one found. */
  private promising(): number[] {
    const limit = this.found?.logProbability;
    this.open = this.open.filter(
      (node) => this.isUnread(node) && (limit === undefined || this.scoreOf(node) > limit),
    );
    return [...this.open];
  }

  private scoreOf(node: number): number {
    return this.scores.get(node) ?? Number.NEGATIVE_INFINITY;
  }

  /** Path from below the root to the node, and on to the next branch or end. */
  private pathThrough(node: number): number[] {
    const { parents, children, sequences } = this.tree;
    const path: number[] = [];
    for (let at = node; at > 0; at = parents[at] as number) path.push(at);
    let last = node;
    while (children[last]?.length === 1 && sequences[last] === -1) {
      last = children[last]?.[0] as number;
      path.push(last);
    }
    return path;
  }
}

/** A diverged model returns NaN, which counts as impossible. */
function sum(score: number, more: number): number {
  const value = score + more;
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
}
