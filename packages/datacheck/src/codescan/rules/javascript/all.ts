/** @file JavaScript's rules, which also apply to TypeScript. */
import type { Rule } from "../../rule.ts";
import { javascriptCheckRules } from "./checks.ts";
import { javascriptCleaningRules } from "./cleaning.ts";
import { javascriptCodeRules } from "./code.ts";
import { javascriptCryptoRules } from "./crypto.ts";
import { javascriptDefaultRules } from "./defaults.ts";
import { javascriptObjectRules } from "./objects.ts";
import { javascriptPageRules } from "./pages.ts";
import { javascriptRunRules } from "./run.ts";
import { javascriptSecretRules } from "./secrets.ts";
import { javascriptServerRules } from "./server.ts";
import { javascriptSessionRules } from "./sessions.ts";
import { javascriptSetupRules } from "./setup.ts";
import { javascriptTransportRules } from "./transport.ts";
import { javascriptTrustRules } from "./trust.ts";
import { javascriptXmlRules } from "./xml.ts";

/** All JavaScript rules. */
export const javascriptRules: readonly Rule[] = [
  ...javascriptRunRules,
  ...javascriptServerRules,
  ...javascriptPageRules,
  ...javascriptCryptoRules,
  ...javascriptCheckRules,
  ...javascriptObjectRules,
  ...javascriptXmlRules,
  ...javascriptSecretRules,
  ...javascriptCleaningRules,
  ...javascriptSetupRules,
  ...javascriptTrustRules,
  ...javascriptDefaultRules,
  ...javascriptTransportRules,
  ...javascriptSessionRules,
  ...javascriptCodeRules,
];
