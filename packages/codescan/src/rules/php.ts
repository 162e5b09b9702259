/**
 * @file All rules for PHP.
 */
import type { Rule } from "../rule.ts";
import { phpCommandRules } from "./php/commands.ts";
import { phpCryptoRules } from "./php/crypto.ts";
import { phpFileRules } from "./php/files.ts";
import { phpQueryRules } from "./php/queries.ts";
import { phpSecretRules } from "./php/secrets.ts";
import { phpWebRules } from "./php/web.ts";

/** They. */
export const phpRules: readonly Rule[] = [
  ...phpCommandRules,
  ...phpQueryRules,
  ...phpWebRules,
  ...phpFileRules,
  ...phpCryptoRules,
  ...phpSecretRules,
];
