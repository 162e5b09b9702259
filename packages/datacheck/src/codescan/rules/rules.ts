/**
 * @file All rules, by language. JavaScript's rules also apply to TypeScript. The cases of `LANGUAGE/GROUP.ts` are in
 * `packages/datacheck/test/cases/LANGUAGE/GROUP.md`.
 */
import type { Rule } from "../rule.ts";
import { csharpCommandRules } from "./csharp/commands.ts";
import { csharpCryptoRules } from "./csharp/crypto.ts";
import { csharpDataRules } from "./csharp/data.ts";
import { csharpFileRules } from "./csharp/files.ts";
import { csharpProtectionRules } from "./csharp/protection.ts";
import { csharpQueryRules } from "./csharp/queries.ts";
import { csharpSecretRules } from "./csharp/secrets.ts";
import { csharpSessionRules } from "./csharp/session.ts";
import { csharpTransportRules } from "./csharp/transport.ts";
import { csharpWebRules } from "./csharp/web.ts";
import { goCheckRules } from "./go/checks.ts";
import { goCommandRules } from "./go/commands.ts";
import { goCryptoRules } from "./go/crypto.ts";
import { goFileRules } from "./go/files.ts";
import { goQueryRules } from "./go/queries.ts";
import { goSecretRules } from "./go/secrets.ts";
import { goServerRules } from "./go/servers.ts";
import { goWebRules } from "./go/web.ts";
import { javaAndroidRules } from "./java/android.ts";
import { javaCommandRules } from "./java/commands.ts";
import { javaCryptoRules } from "./java/crypto.ts";
import { javaDataRules } from "./java/data.ts";
import { javaDecisionRules } from "./java/decisions.ts";
import { javaDirectoryRules } from "./java/directories.ts";
import { javaFileRules } from "./java/files.ts";
import { javaHandlingRules } from "./java/handling.ts";
import { javaNumberRules } from "./java/numbers.ts";
import { javaProtectionRules } from "./java/protection.ts";
import { javaQueryRules } from "./java/queries.ts";
import { javaRequestRules } from "./java/requests.ts";
import { javaSecretRules } from "./java/secrets.ts";
import { javaThreadRules } from "./java/threads.ts";
import { javaTlsRules } from "./java/tls.ts";
import { javaWebRules } from "./java/web.ts";
import { javaXmlRules } from "./java/xml.ts";
import { javascriptRules } from "./javascript/all.ts";
import { phpCommandRules } from "./php/commands.ts";
import { phpCryptoRules } from "./php/crypto.ts";
import { phpEscapeRules } from "./php/escapes.ts";
import { phpFileRules } from "./php/files.ts";
import { phpQueryRules } from "./php/queries.ts";
import { phpSecretRules } from "./php/secrets.ts";
import { phpSessionRules } from "./php/sessions.ts";
import { phpSettingRules } from "./php/settings.ts";
import { phpTransportRules } from "./php/transport.ts";
import { phpWebRules } from "./php/web.ts";
import { pythonCheckRules } from "./python/checks.ts";
import { pythonCipherRules } from "./python/ciphers.ts";
import { pythonCommandRules } from "./python/commands.ts";
import { pythonConnectionRules } from "./python/connections.ts";
import { pythonCryptoRules } from "./python/crypto.ts";
import { pythonDataRules } from "./python/data.ts";
import { pythonFileRules } from "./python/files.ts";
import { pythonPageRules } from "./python/pages.ts";
import { pythonSecretRules } from "./python/secrets.ts";
import { pythonSettingRules } from "./python/settings.ts";
import { pythonQueryRules } from "./python/sql.ts";
import { pythonTransportRules } from "./python/transport.ts";
import { pythonTrustRules } from "./python/trust.ts";
import { pythonWebRules } from "./python/web.ts";
import { rustCryptoRules } from "./rust/crypto.ts";
import { rustMemoryRules } from "./rust/memory.ts";
import { rustRunRules } from "./rust/run.ts";
import { rustWebRules } from "./rust/web.ts";
import { shellCommandRules } from "./shell/commands.ts";
import { shellSystemRules } from "./shell/system.ts";
import { sqlRules } from "./sql.ts";

/** Languages with rules of their own. */
type RuledLanguage = "python" | "javascript" | "php" | "go" | "java" | "csharp" | "rust" | "shell" | "sql";

/** The rules of each language. */
export const rules: Readonly<Record<RuledLanguage, readonly Rule[]>> = {
  python: [
    ...pythonCommandRules,
    ...pythonQueryRules,
    ...pythonDataRules,
    ...pythonWebRules,
    ...pythonFileRules,
    ...pythonCryptoRules,
    ...pythonConnectionRules,
    ...pythonSecretRules,
    ...pythonCheckRules,
    ...pythonSettingRules,
    ...pythonPageRules,
    ...pythonTransportRules,
    ...pythonCipherRules,
    ...pythonTrustRules,
  ],
  javascript: javascriptRules,
  php: [
    ...phpCommandRules,
    ...phpQueryRules,
    ...phpEscapeRules,
    ...phpWebRules,
    ...phpFileRules,
    ...phpCryptoRules,
    ...phpSecretRules,
    ...phpSettingRules,
    ...phpSessionRules,
    ...phpTransportRules,
  ],
  go: [
    ...goCheckRules,
    ...goServerRules,
    ...goCommandRules,
    ...goQueryRules,
    ...goWebRules,
    ...goFileRules,
    ...goCryptoRules,
    ...goSecretRules,
  ],
  java: [
    ...javaCommandRules,
    ...javaQueryRules,
    ...javaDataRules,
    ...javaDirectoryRules,
    ...javaXmlRules,
    ...javaNumberRules,
    ...javaThreadRules,
    ...javaWebRules,
    ...javaProtectionRules,
    ...javaRequestRules,
    ...javaTlsRules,
    ...javaDecisionRules,
    ...javaHandlingRules,
    ...javaAndroidRules,
    ...javaFileRules,
    ...javaCryptoRules,
    ...javaSecretRules,
  ],
  csharp: [
    ...csharpCommandRules,
    ...csharpQueryRules,
    ...csharpDataRules,
    ...csharpWebRules,
    ...csharpSessionRules,
    ...csharpProtectionRules,
    ...csharpTransportRules,
    ...csharpFileRules,
    ...csharpCryptoRules,
    ...csharpSecretRules,
  ],
  rust: [...rustRunRules, ...rustWebRules, ...rustMemoryRules, ...rustCryptoRules],
  shell: [...shellCommandRules, ...shellSystemRules],
  sql: sqlRules,
};
