/** @file Names of secrets, in the words of programs, settings and people. */

/** Names of passwords, in lower case. */
export const passwordWords: readonly string[] =
  `password passwd passphrase passwort kennwort pwd pass_word pass-word passcode contrasena senha wachtwoord
  motdepasse mot_de_passe requirepass storepass keypass psk pass pw`
    .split(/\s+/)
    .concat("mot de passe", "contrase", "identified by", "convertto-securestring");

/** Words before `key` that make it a secret. */
const keyOwners =
  `api access private auth encryption signing signature master account license app application secret storage
  session jwt cookie crypt cipher aes hmac shared server service subscription admin deploy webhook client
  consumer security crypto decryption logged_in nonce fernet integration ingest personal`.split(/\s+/);

const keys = keyOwners.flatMap((owner) => ["_key", "key", "-key", " key"].map((key) => owner + key));

/** Names of keys and tokens, in lower case. */
const keyWords = [
  ...new Set([
    ...keys,
    "secret",
    "token",
    "credential",
    "auth_salt",
    "_salt",
    "sonar.login",
    "_key",
    "key",
    "auth",
    "hmac_secret",
  ]),
];

/** Names that may hold a secret. */
export const genericWords: readonly string[] = [...passwordWords, ...keyWords];

/** The kind of secret that a name denotes. */
export type Family = "password" | "secret" | "key";

/** The family of a name in `genericWords`: a password chosen by people, a secret of programs, or a random key. */
export function familyOf(word: string): Family {
  if (passwordWords.includes(word)) return "password";
  return word === "secret" || word === "secret_key" || word === "secretkey" ? "secret" : "key";
}

/** Names that contain such a word but no secret: descriptions of it, typical endings, possessives. */
const harmless: readonly RegExp[] = [
  /hash|digest|checksum|sha\d|md5|public|publishable|tokeniz|secret_?(?:name|id|ref|path|arn)/,
  /(?:^|[_.-])(?:id|ids|name|names|type|types|len|length|size|count|num|limit|max|min|path|file|files|dir|index)$/,
  /(?:^|[_.-])(?:url|uri|endpoint|host|port|hint|label|field|column|placeholder|format|policy|regex|pattern)$/,
  /(?:^|[_.-])(?:expiry|expires|ttl|version|pad|eos|bos|unk|mask|sep|cls|sha)$/,
  /tokens?_?(?:id|type|name|kind|count|limit|size|index|path|uri|url|address|symbol|contract)/,
  /key_?(?:name|id|path|file|pair|code|size|type|word)/,
  /(?:^|[^a-z])(?:primary|foreign|sort|partition|cache|index|unique|natural|composite|hash|range|row|object|bucket|s3|dict|lookup)[_-]?key/,
  /(?:^|[^a-z])(?:route|routing|group|message|event|feature|project|site|translation|locale|i18n|config|state|store|query|item|idempotency)[_-]?key/,
  /(?:^|[^a-z])(?:eos|bos|pad|unk|mask|sep|cls|sync|next|cursor|csrf|xsrf|nonce|authenticity)[_-]?token/,
  /(?:^|[^a-z])(?:next[_ -]?)?(?:page|continuation|pagination|marker)[_ -]?token/,
  /tokens?_?data|(?:proxy|cgi|grpc|memcached)_pass|resource_?key/,
  /(?:^|[^a-z])(?:no|has|is|show|hide|forgot|lost|invalid|wrong|missing|min|max|toggle|validate)[a-z]{0,2}[_-]?pass/,
];

/** Whether a lower-case name denotes a secret rather than data about one. */
export function isSecretName(name: string): boolean {
  return !harmless.some((pattern) => pattern.test(name));
}

/** Words after the keyword that make a name denote something else: a label, a rule, an element of a page. */
const belongings = new Set(
  `label labels hint hints text texts title message messages msg error errors help placeholder description desc
  caption tooltip field fields input inputs form box view screen page button btn link links reset forgot
  forgotten changed change expired expiry expires expiration policy policies rule rules strength regex regexp
  pattern format validator validation validate valid invalid required min max length len size count encoder
  hasher hash hashed digest file files path paths dir name names id ids type types kind url uri endpoint host
  port selector element el node column attribute attr property prop param params parameter header headers
  prefix suffix algorithm alg algo method mode provider manager service storage source ref arn version index
  list table encode decode
  enabled disabled visible visibility show hidden toggle icon class style css ttl timeout age date time
  at on within before after since until add remove rm signature callback handler fn func function template
  subject mail email user username grant scope scopes status
  state event action actions route env var variable variables test tests schema option options flow prompt
  question step section tab symbol address contract factory instance generator builder getter setter client weight embd
  embedding embeddings`.split(/\s+/),
);

/** Whether the rest of a name after its keyword denotes something that belongs to the secret rather than the secret. */
export function isBelonging(tail: string): boolean {
  const words = tail
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => belongings.has(word));
}

/** Names that end in `pass` without a separator: `dbpass`. */
const ownedPass =
  /(?:^|[^a-z])(?:db|user|my|root|admin|smtp|ftp|mail|sql|mysql|pg|ssh|sudo|vpn|wifi|become)pass$/i;

/** Whether `key` is unspecific, as in `key` or `licensekey`. In `theKey` it is preceded by a separate word. */
export function isAnyKey(text: string, start: number, end: number): boolean {
  return /^(?:key|auth)$/i.test(text.slice(start, end)) && !/[a-z]K$/.test(text.slice(start - 1, start + 1));
}

/** Whether a short keyword (`pass`, `psk`) is a separate word: `DB_PASS`, `dbPass`, `pass:`, but not `bypass`. */
export function isOwnWord(text: string, start: number, end: number): boolean {
  if (end - start > 4 || text[start] === "_") return true;
  const [before, first, after, last] = [
    text[start - 1] ?? "",
    text[start] ?? "",
    text[end] ?? "",
    text[end - 1] ?? "",
  ];
  if (/[a-z]/.test(after) || (/[A-Z]/.test(after) && /[A-Z]/.test(last))) return false;
  if (/^(?:key|auth)$/i.test(text.slice(start, end))) return !/\w/.test(after);
  if (ownedPass.test(text.slice(Math.max(0, start - 7), end))) return true;
  if (/^(?:PASS|PWD)$/.test(text.slice(start, end)) && /[A-Z]/.test(before)) return after === "=";
  return !/[A-Za-z\d]/.test(before) || (end - start > 2 && /[a-z]/.test(before) && /[A-Z]/.test(first));
}
