/** @file All rules for secrets. If two rules match a value equally, the earlier one applies. */
import type { SecretRule } from "../rule.ts";
import { aiProviderRules } from "./ai-providers.ts";
import { cloudRules } from "./clouds.ts";
import { codeHostRules } from "./code-hosts.ts";
import { connectionRules } from "./connections.ts";
import { importedRules } from "./imported.ts";
import { messagingRules } from "./messaging.ts";
import { paymentRules } from "./payments.ts";
import { privateKeyRules } from "./private-keys.ts";
import { serviceRules } from "./services.ts";
import { settingRules } from "./settings.ts";
import { webhookRules } from "./webhooks.ts";

/** All rules. */
export const secretRules: readonly SecretRule[] = [
  ...privateKeyRules,
  ...webhookRules,
  ...codeHostRules,
  ...cloudRules,
  ...paymentRules,
  ...aiProviderRules,
  ...messagingRules,
  ...serviceRules,
  ...importedRules,
  ...connectionRules,
  ...settingRules,
];
