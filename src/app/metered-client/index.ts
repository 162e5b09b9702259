/** @file Requests to paid APIs inside a spending account: nothing beyond the cap, nothing paid twice. */

export { type Holder, holderOf } from "./holder.ts";
export type { KeptAnswer } from "./kept-answer.ts";
export { endpointFrom } from "./open-endpoint.ts";
export { openPayer, type Payer } from "./paid-answers.ts";
export { openVectorPayer, type VectorPayer } from "./paid-vectors.ts";
export { costOfTokens, type TokenPrice, tokenPriceOf } from "./token-price.ts";
