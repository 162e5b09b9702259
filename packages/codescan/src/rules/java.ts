/**
 * @file All rules for Java.
 */
import type { Rule } from "../rule.ts";
import { javaCommandRules } from "./java/commands.ts";
import { javaCryptoRules } from "./java/crypto.ts";
import { javaDataRules } from "./java/data.ts";
import { javaFileRules } from "./java/files.ts";
import { javaQueryRules } from "./java/queries.ts";
import { javaSecretRules } from "./java/secrets.ts";
import { javaWebRules } from "./java/web.ts";

/** They. */
export const javaRules: readonly Rule[] = [
  ...javaCommandRules,
  ...javaQueryRules,
  ...javaDataRules,
  ...javaWebRules,
  ...javaFileRules,
  ...javaCryptoRules,
  ...javaSecretRules,
];
