/**
 * @file All rules for Go.
 */
import type { Rule } from "../rule.ts";
import { goCommandRules } from "./go/commands.ts";
import { goCryptoRules } from "./go/crypto.ts";
import { goFileRules } from "./go/files.ts";
import { goQueryRules } from "./go/queries.ts";
import { goSecretRules } from "./go/secrets.ts";
import { goWebRules } from "./go/web.ts";

/** They. */
export const goRules: readonly Rule[] = [
  ...goCommandRules,
  ...goQueryRules,
  ...goWebRules,
  ...goFileRules,
  ...goCryptoRules,
  ...goSecretRules,
];
