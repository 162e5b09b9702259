/** @file Rules for secrets in headers, command lines and settings that no vendor's format gives away. */

import { genericWords, readGeneric } from "../generic.ts";
import { reader, type SecretRule } from "../rule.ts";
import * as settings from "../settings.ts";

const part = (value: object): string => btoa(JSON.stringify(value)).replace(/=+$/, "");
const lot = `Yx7${"Qm"}2vKp9ZtR4bWn8Ls`;
const claims = part({ sub: "u-48213", scope: "all" });
const webToken = `${part({ alg: "HS256", typ: "JWT" })}.${claims}.${lot}${lot.slice(3)}k-3`;

/** Headers, command lines, settings. */
export const settingRules: readonly SecretRule[] = [
  reader("web-token", "JSON Web Token", ["eyj"], settings.readWebToken, {
    cases: () => [`token: ${webToken}`, `curl -H "Authorization: Bearer ${webToken}"`],
    lookAlikes: () => [
      `${part({ alg: "none" })}.${part({ a: 1 })}`,
      `${part({ kind: "map" })}.${part({ a: 1 })}.${lot}`,
    ],
    severity: "warning",
  }),
  reader("basic-header", "User and password in an HTTP header", ["basic "], settings.readBasicHeader, {
    kind: "PASSWORD",
    cases: () => [`Authorization: Basic ${btoa(`deploy:${lot.slice(0, 9)}`)}`],
    lookAlikes: () => [
      `Authorization: Basic ${btoa("user:password")}`,
      "Authorization: Basic YWxhZGRpbg==",
      "a basic introduction",
    ],
  }),
  reader("bearer-header", "Bearer token in an HTTP header", ["bearer "], settings.readBearer, {
    severity: "warning",
    broad: true,
    cases: () => [`-H "Authorization: Bearer ${lot}${lot.slice(5)}"`],
    lookAlikes: () => [
      "Authorization: Bearer $TOKEN",
      "Bearer YOUR_ACCESS_TOKEN_GOES_HERE_1",
      "the bearer of this letter",
    ],
  }),
  reader("curl-user", "Password on a command line of curl", ["curl "], settings.readCurlUser, {
    kind: "PASSWORD",
    severity: "warning",
    cases: () => [`curl -s -u deploy:${lot.slice(0, 9)} https://shop.io/api`],
    lookAlikes: () => [
      "curl -u user:password https://a.io",
      "curl -u $USER:$PASS https://a.io",
      "curl -u admin:admin x.io",
    ],
  }),
  reader("npm-registry", "Registry token in .npmrc", ["_authtoken"], settings.readRegistryToken, {
    cases: () => [`//registry.shop.io/:_authToken=${lot}`],
    lookAlikes: () => [`//registry.shop.io/:_authToken=\${NPM_TOKEN}`, "the option _authToken: a token"],
  }),
  reader("shared-signature", "Azure shared access signature", ["sig="], settings.readSharedSignature, {
    cases: () => [
      `https://a.blob.core.windows.net/c?sv=2022-11-02&sp=r&sig=${lot}${lot.slice(2)}%2Fab%3D&se=1`,
    ],
    lookAlikes: () => ["?sv=2022&sig=SIGNATURE", "orig=1"],
  }),
  reader("generic", "Value assigned to a secret's name", genericWords, readGeneric, {
    severity: "warning",
    broad: true,
    cases: () => [
      `api_key = "${lot}"`,
      `{"client_secret": "${lot}"}`,
      `export SERVICE_TOKEN=${lot}`,
      `db_password: "kV7${"t#"}Zp2x"`,
      `PASSWORD=hx83${"kf"}92`,
      `My password is "hx83${"kf"}92!"`,
      `<password>hx83${"kf"}92!</password>`,
      `the api key is ${lot}`,
      `const accessKey: string = '${lot}'`,
      `os.environ["API_SECRET"] = "${lot}"`,
    ],
  }),
];
