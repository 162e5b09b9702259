/** @file PHP rules: protocols and connections that others can read or modify. */
import type { Rule } from "../../rule.ts";
import { is, shaped } from "../conditions.ts";
import { openAddress } from "../inside.ts";
import { assigns, calls } from "../matches.ts";

/** Calls that set a broken protocol. */
const oldProtocol =
  /STREAM_CRYPTO_METHOD_(ANY_CLIENT|ANY_SERVER|SSLv\w{1,12}|TLS_CLIENT|TLS_SERVER|TLSv1_0\w{0,12}|TLSv1_1\w{0,12})$|CURL_SSLVERSION_(SSLv[23]|TLSv1|TLSv1_0|TLSv1_1|DEFAULT)$/;

const clients =
  "curl_init file_get_contents fopen copy " +
  ".request .get .post .put .delete GuzzleHttp.Client Client Http.get Http.post " +
  "wp_remote_get wp_remote_post SoapClient simplexml_load_file readfile get_headers";

/** Rules on transport. */
export const phpTransportRules: readonly Rule[] = [
  {
    id: "php/protocol-old",
    cwe: 327,
    title: "Outdated TLS version",
    severity: "medium",
    why: "Its ciphers are broken.",
    fix: "Use STREAM_CRYPTO_METHOD_TLSv1_2_CLIENT or CURL_SSLVERSION_TLSv1_2",
    literals: ["STREAM_CRYPTO", "CURL_SSLVERSION", "CURLOPT_SSLVERSION"],
    match: [
      assigns(/^crypto_method$/, ({ form, value }) => form === "entry" && oldProtocol.test(value.path)),
      calls("stream_socket_enable_crypto", ({ args: [, , how] }) => oldProtocol.test(how?.path ?? "")),
      calls(
        "curl_setopt",
        ({ args: [, name, how] }) =>
          /CURLOPT_SSLVERSION$/.test(name?.path ?? "") &&
          (oldProtocol.test(how?.path ?? "") || [1, 2, 3, 4, 5].some((one) => is(how, one))),
      ),
    ],
  },
  {
    id: "php/request-open",
    cwe: 319,
    title: "Unencrypted HTTP request",
    severity: "low",
    why: "An on-path attacker can read and modify the traffic.",
    fix: "Use https://",
    literals: ["http://", "ftp"],
    match: [
      calls(clients, ({ args }) => args.slice(0, 2).some((one) => shaped(one, openAddress))),
      calls(
        "curl_setopt",
        ({ args: [, name, where] }) => /CURLOPT_URL$/.test(name?.path ?? "") && shaped(where, openAddress),
      ),
      calls("ftp_connect"),
    ],
  },
];
