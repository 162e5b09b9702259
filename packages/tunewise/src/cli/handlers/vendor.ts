/** @file The vendor of a model, from flags and the variables that its official clients read. */
import { type Call, textFlag } from "../command.ts";

/** An API and the variable of its key. */
export interface VendorApi {
  readonly url: string;
  /** `null`: no key is sent. */
  readonly keyVariable: string | null;
  readonly style: "openai" | "azure" | "anthropic" | null;
}

/** OpenAI's own API. */
const openaiUrl = "https://api.openai.com/v1";

/** Variables of keys by the host that they belong to. */
const keyVariables: readonly (readonly [host: RegExp, variable: string])[] = [
  [/^api\.openai\.com$/, "OPENAI_API_KEY"],
  [/\.openai\.azure\.com$/, "AZURE_OPENAI_API_KEY"],
  [/^api\.anthropic\.com$/, "ANTHROPIC_API_KEY"],
];

/**
 * Resolves `--url`, `--style` and `--api-key-env`. A key is sent only to the host that it belongs to: that of the
 * vendor, the one in the variable that its clients read, or any host if `--api-key-env` names the variable.
 *
 * @param usual `azure`: its address is `AZURE_OPENAI_ENDPOINT` by default
 * @source openai/openai-node src/client.ts and src/azure.ts: names of the variables
 */
export function vendorOf(
  call: Call,
  env: Readonly<Record<string, string | undefined>>,
  usual: "openai" | "azure" = "openai",
): VendorApi {
  const isAzure = usual === "azure";
  const own = env[isAzure ? "AZURE_OPENAI_ENDPOINT" : "OPENAI_BASE_URL"]?.trim() || null;
  const given = textFlag(call, "url");
  const url = given ?? own ?? openaiUrl;
  const style = textFlag(call, "style") as VendorApi["style"];
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  const known = keyVariables.find(([pattern]) => pattern.test(host))?.[1];
  const ofVariable = isAzure ? "AZURE_OPENAI_API_KEY" : "OPENAI_API_KEY";
  const keyVariable = textFlag(call, "api-key-env") ?? known ?? (url === own ? ofVariable : null);
  return { url, keyVariable, style: style ?? (isAzure ? "azure" : null) };
}
