/** @file Secrets that only their position as an argument identifies, as a table of functions. */
import type { Family } from "./names.ts";
import type { Span } from "./rule.ts";
import { judgeValue } from "./strength.ts";

/** Functions by the position of the secret among their arguments, from 0. */
const places = `
password 0 set_password|setpassword|with_password|withpassword|hashpw|make_password|password_hash|
  generate_password_hash|bcrypt.hash|bcrypt.hashsync|argon2.hash|chararray|secretstr|secretstring|
  fromplaintext
password 1 httpbasicauth|httpdigestauth|httpproxyauth|basicauth|usernamepasswordcredentials|
  usernamepasswordcredential|networkcredential|plaincredentials|plaintextauthprovider|setbasicauth|
  basicauthentication|passwordauthentication|withbasicauth|basic_auth|simple_bind_s|bind_s|oci_connect|
  oci_pconnect|pconnect|credentials.basic|auth.basic|basiccredentials|staticcredentialsprovider|
  awsbasiccredentials.create|basicawscredentials|httpntlmauth|defaultcredentialsprovider|
  usernamepasswordauthenticationtoken|signinwithemailandpassword|.login
password 2 mysqli_connect|mysqli|mysqli_real_connect|mysql_connect|mysql_pconnect|pdo|getconnection|
  odbc_connect|ldap_bind|ftp_login|ssh2_auth_password|dbi->connect|create_user|create_superuser|sqlsrv|
  plainauth|imap_open|drivermanagerdatasource|db2_connect|db2_pconnect|mssql_connect|maxdb|
  maxdb_connect|ifx_connect|odbc_pconnect|fbsql_connect|fbsql_pconnect|mysqli_change_user|directoryentry|
  createuserwithemailandpassword|mysqldb.connect|
  pymysql.connect|mariadb.connect|psycopg2.connect|cx_oracle.connect
secret 0 cookieparser|cookie-session|hmac.new|fernet|secretkeyspec|aes.new|keys.hmacshakeyfor|
  azurekeycredential|sessionmiddleware|cookiestore|newcookiestore|securecookie.new|urlsafetimedserializer|
  timedjsonwebsignatureserializer|algorithm.hmac256|algorithm.hmac512|tokensigner|itsdangerous.signer|
  symmetricsecuritykey|openai|anthropic|stripe|client.setapikey|setapikey
secret 1 jwt.sign|jwt.verify|jwt.encode|jwt.decode|jsonwebtoken.sign|jsonwebtoken.verify|jose.jwt.encode|
  jose.jwt.decode|createhmac|createcipheriv|createdecipheriv|createcipher|createdecipher|hash_hmac|
  signwith|hmacsha256|storagesharedkeycredential|sharedkeycredential|namedkeycredential|
  azurenamedkeycredential|awscredentials|cookie.sign|openssl_encrypt|openssl_decrypt
secret 2 clientsecretcredential|createhmacsha256|confidentialclientapplication|jwt_encode
`;

interface Place {
  readonly family: Family;
  readonly index: number;
}

const byName = new Map<string, readonly Place[]>();
for (const row of places
  .trim()
  .replace(/\|\n\s+/g, "|")
  .split("\n")) {
  const [family = "", index = "", names = ""] = row.split(" ");
  for (const name of names.split("|")) {
    const more = { family: family as Family, index: Number(index) };
    byName.set(`${name}(`, [...(byName.get(`${name}(`) ?? []), more]);
  }
}

/** Start of each call, in lower case. */
export const callWords: readonly string[] = [...byName.keys(), "auth=(", "auth = ("];

const longestCall = 300;

/** The secret among the arguments of a call. */
export function readCall(text: string, { start, end }: Span): Span | null {
  const word = text.slice(start, end).toLowerCase();
  if (/[A-Za-z\d]/.test(text[start - 1] ?? " ") && /[a-z]/.test(text[start] ?? "")) return null;
  const found = argumentsOf(text, end);
  for (const { family, index } of byName.get(word) ?? [{ family: "password", index: 1 } as const]) {
    const one = found[index];
    if (one === undefined || one === null) continue;
    if (judgeValue(text.slice(one.start, one.end), family, false) === "secret") return one;
  }
  return null;
}

/** The arguments after a parenthesis: literals as spans, `null` for anything else. */
function argumentsOf(text: string, from: number): (Span | null)[] {
  const found: (Span | null)[] = [];
  const limit = Math.min(text.length, from + longestCall);
  let depth = 0;
  let one: Span | null | undefined; // the current argument
  for (let at = from; at < limit && found.length < maxArguments; at++) {
    const mark = text[at] ?? "";
    if (quotes.includes(mark)) {
      const end = endOfLiteral(text, at, limit);
      if (depth === 0 && one === undefined) one = { start: at + 1, end };
      else if (depth === 0) one = null;
      at = end;
    } else if ("([{".includes(mark)) {
      depth++;
      one = null;
    } else if (")]}".includes(mark)) {
      depth--;
      if (depth < 0) return [...found, one ?? null];
    } else if (mark === "," && depth === 0) {
      found.push(one ?? null);
      one = undefined;
    } else if (depth === 0 && ".+%".includes(mark)) one = null;
  }
  return found;
}

const quotes = "\"'`";
const maxArguments = 6;

function endOfLiteral(text: string, at: number, limit: number): number {
  let end = at + 1;
  while (end < limit && text[end] !== text[at]) end += text[end] === "\\" ? 2 : 1;
  return end;
}
