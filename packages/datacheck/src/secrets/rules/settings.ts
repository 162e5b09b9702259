/** @file Rules for secrets in headers, command lines and settings without a vendor's format. */

import { callWords, readCall } from "../calls.ts";
import { commandWords, pipedWords, readCommand, readPiped } from "../commands.ts";
import { readGeneric, readWeak } from "../generic.ts";
import { genericWords } from "../names.ts";
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
  reader(
    "bearer-header",
    "Token in an HTTP header",
    ["bearer ", "authorization"],
    settings.readAuthorization,
    {
      severity: "warning",
      broad: true,
      cases: () => [
        `-H "Authorization: Bearer ${lot}${lot.slice(5)}"`,
        `headers = {'Authorization': 'Token ${lot}'}`,
        `Authorization: ApiKey ${lot}`,
      ],
      lookAlikes: () => [
        "Authorization: Bearer $TOKEN",
        "Bearer YOUR_ACCESS_TOKEN_GOES_HERE_1",
        "the bearer of this letter",
      ],
    },
  ),
  reader("command-password", "Password on a command line", commandWords, readCommand, {
    kind: "PASSWORD",
    severity: "warning",
    cases: () => [
      `curl -s -u deploy:${lot.slice(0, 9)} https://shop.io/api`,
      `curl https://shop.io/api --user 'deploy:${lot.slice(0, 9)}'`,
      `mysql -h db -u root -p${lot.slice(0, 9)} shop`,
      `sshpass -p '${lot.slice(0, 9)}' ssh root@10.0.0.4`,
      `docker login -u ci -p ${lot.slice(0, 9)} registry.shop.io`,
      `net user maria ${lot.slice(0, 9)} /add`,
    ],
    lookAlikes: () => [
      "curl -u user:password https://a.io",
      "curl -u $USER:$PASS https://a.io",
      "curl -u admin:admin x.io",
      "mysql -p shop",
      "docker login -u ci -p $TOKEN registry.shop.io",
      "mkdir -p build2/Out-1",
    ],
  }),
  reader("piped-password", "Password given to a command", pipedWords, readPiped, {
    kind: "PASSWORD",
    severity: "warning",
    cases: () => [
      `echo ${lot} | docker login --password-stdin`,
      `echo 'maria:${lot.slice(0, 9)}' | chpasswd`,
    ],
    lookAlikes: () => ['echo "$TOKEN" | docker login --password-stdin', "cat users.txt | chpasswd"],
  }),
  reader("call-argument", "Secret given to a function", callWords, readCall, {
    severity: "warning",
    cases: () => [
      `requests.get(url, auth=HTTPBasicAuth("deploy", "${lot.slice(0, 9)}"))`,
      `requests.get(url, auth=('deploy', '${lot.slice(0, 9)}'))`,
      `$db = mysqli_connect($host, 'app', '${lot.slice(0, 9)}', 'shop');`,
      `jwt.sign({ id: user.id }, "${lot}")`,
      `DriverManager.getConnection(url, "app", "${lot.slice(0, 9)}")`,
    ],
    lookAlikes: () => [
      'login("maria", "your-password")',
      "HTTPBasicAuth(user, password)",
      "connect(host, 'a', 'b')",
    ],
  }),
  reader(
    "pair-in-base64",
    "User and password in base64",
    ["_auth=", "_auth =", '"auth":'],
    settings.readPair,
    {
      kind: "PASSWORD",
      cases: () => [
        `//registry.shop.io/:_auth=${btoa(`ci:${lot}`)}`,
        `{"auths": {"shop.io": {"auth": "${btoa(`ci:${lot}`)}"}}}`,
      ],
      lookAlikes: () => ['{"auth": "basic"}', `_auth=\${NPM_AUTH}`],
    },
  ),
  reader("pgpass", "Password in .pgpass", [":5432:"], settings.readPgpass, {
    kind: "PASSWORD",
    severity: "warning",
    cases: () => [`db.shop.io:5432:shop:app:${lot.slice(0, 9)}`],
    lookAlikes: () => ["db:5432:5432", "host:5432:database:user:password"],
  }),
  reader("aws-pair", "AWS secret access key", ["akia", "asia"], settings.readAwsPair, {
    cases: () => [`AKIA${"QX3EGRZLMNOP5VT2"},${lot}${lot}`, `${"ASIA"}QX3EGRZLMNOP5VT2: ${lot}${lot}`],
    lookAlikes: () => [`AKIA${"IOSFODNN7EXAMPLE"},${"wJalrXUtnFEMI/K7MDENG"}/bPxRfiCYEXAMPLEKEY`],
  }),
  reader(
    "credentials",
    "Password beside a user's name",
    ["credentials", "creds", "login"],
    settings.readCredentials,
    {
      kind: "PASSWORD",
      severity: "warning",
      broad: true,
      cases: () => [
        `Use the following credentials: admin / ${lot.slice(0, 9)}`,
        `login: maria:${lot.slice(0, 9)}`,
      ],
      lookAlikes: () => [
        "credentials: user / password",
        "login: https://shop.io/Login-2",
        "Login: maria 12:30",
      ],
    },
  ),
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
  reader("weak", "Weak value of a secret's name", genericWords, readWeak, {
    kind: "PASSWORD",
    severity: "note",
    weak: true,
    broad: true,
  }),
];
