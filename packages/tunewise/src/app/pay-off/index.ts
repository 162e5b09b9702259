/** @file `tunewise cost move`: when a move off an API model has paid off. */

export { emptyMove, planMove } from "./plan-move.ts";
export type { MoveRequest } from "./request.ts";
