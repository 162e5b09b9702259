/** @file Requests to paid APIs inside a spending account: nothing beyond the cap, nothing paid twice. */

export {
  type AnswerPaid,
  type CachedAnswer,
  type MeteredClient,
  openMeteredClient,
} from "./metered-client.ts";
export { type MeteredEmbedder, openMeteredEmbedder } from "./metered-embedder.ts";
export { endpointFrom } from "./open-endpoint.ts";
export { type LeaseOwner, leaseOwnerOf } from "./spending-account.ts";
export { costOfTokens, type TokenPrice, tokenPriceOf } from "./token-price.ts";
