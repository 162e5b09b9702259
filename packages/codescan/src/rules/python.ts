/**
 * @file All rules for Python.
 */
import type { Rule } from "../rule.ts";
import { pythonCheckRules } from "./python/checks.ts";
import { pythonCommandRules } from "./python/commands.ts";
import { pythonConnectionRules } from "./python/connections.ts";
import { pythonCryptoRules } from "./python/crypto.ts";
import { pythonDataRules } from "./python/data.ts";
import { pythonFileRules } from "./python/files.ts";
import { pythonSecretRules } from "./python/secrets.ts";
import { pythonQueryRules } from "./python/sql.ts";
import { pythonWebRules } from "./python/web.ts";

/** They. */
export const pythonRules: readonly Rule[] = [
  ...pythonCommandRules,
  ...pythonQueryRules,
  ...pythonDataRules,
  ...pythonWebRules,
  ...pythonFileRules,
  ...pythonCryptoRules,
  ...pythonConnectionRules,
  ...pythonSecretRules,
  ...pythonCheckRules,
];
