/** @file Values where names, commands and calls have them. */
import { describe, expect, test } from "vitest";
import { scanText } from "./scan.ts";

const password = `S4t${"urn"}!52k`;
const key = `aB3dE6gH9j${"K2mN5pQ8sT"}7uV`;
const found = (text: string): string[] =>
  scanText(text)
    .filter(({ personal }) => !personal)
    .map(({ start, end }) => text.slice(start, end));

describe("a password is found", () => {
  const places = [
    ...[
      'db_password = "V"',
      "const dbPassword: string = 'V';",
      '{"password": "V"}',
      "password='V',",
      "'password' => 'V',",
    ],
    ...[
      "define('DB_PASSWORD', 'V');",
      '<user name="a" password="V"/>',
      "<password>V</password>",
      '<add key="Password" value="V"/>',
    ],
    ...[
      "- name: DB_PASSWORD\n  value: V\n",
      'variable "db_password" {\n  type    = string\n  default = "V"\n}',
      "db:\n  password: V\n",
    ],
    ...[
      "DB_PASS=V\n",
      "export PGPASSWORD=V\n",
      "ARG DB_PASSWORD V\n",
      "docker run -e DB_PASSWORD=V app",
      "spring.datasource.password=V\n",
    ],
    ...[
      'ds.setPassword("V");',
      'let pwd = String::from("V");',
      'pw = os.getenv("DB_PASSWORD", "V")',
      "const pass = process.env.PASS || 'V';",
    ],
    ...[
      'public string Password { get; set; } = "V";',
      'if (password === "V") ok();',
      'if ("V" == my_password) ok();',
      'if ("V".equals(this.password)) ok();',
      'payload = "{\\"password\\": \\"V\\"}"',
    ],
    ...[
      "CREATE USER a IDENTIFIED BY 'V';",
      "ALTER ROLE a WITH PASSWORD 'V';",
      "requirepass V\n",
      "machine a.io login ci password V\n",
    ],
    ...[
      "the password is V and it works",
      "User: a\nPassword: V\n",
      'I set the root password to "V" today',
      "Das Passwort lautet V\n",
    ],
    ...[
      "jdbc:mysql://db/shop?user=a&password=V&x=1",
      "mongodump --password=V --out x",
      "influx --password V x",
    ],
    ...[
      "mysql -u root -pV shop",
      "sshpass -p 'V' ssh a",
      "docker login -u ci -p V reg.io",
      "curl -u ci:V https://a.io",
      "redis-cli -a V ping",
    ],
    ...[
      "smbclient //nas/a -U maria%V",
      "xfreerdp /u:a /p:V",
      "echo 'maria:V' | chpasswd",
      "htpasswd -b f maria V",
      "net user maria V /add",
    ],
    ...[
      "HTTPBasicAuth('ci', 'V')",
      "get(url, auth=('ci', 'V'))",
      "mysqli_connect($h, 'a', 'V', 'b')",
      'getConnection(url, "a", "V")',
    ],
    ...["jwt.sign({ id: f(1) }, 'V')", "app.use(cookieParser('V'));", "server.login('a@b.io', 'V')"],
  ];
  test.each(places)("in %s", (place) => {
    expect(found(place.replace("V", password))).toContain(password);
  });
});

test.each([
  ...["STRIPE_KEY=V\n", 'stripeKey: "V"', "sonar-scanner -Dsonar.login=V", "//reg.io/:_authToken V"],
  'Environment="A_TOKEN=V"\n',
  ...[
    "Authorization: Bearer V",
    "headers = {'Authorization': 'Token V'}",
    "X-API-Key: V\n",
    "deploy --token V --env a",
  ],
  ...[
    "SECRET_KEY = 'V'",
    "key = 'V'",
    "[DEBUG] using licensekey: V\n",
    "https://maps.a.io/js?key=V&v=3",
    "token = ' V '",
    '"auth": "V",',
    'if (strcmp("V", $api_key)) die();',
  ],
  ...[
    "export const storageKey =\n  process.env.STORAGE_KEY ||\n  'V';",
    'string apiKey\n    = "V";',
    '{ "AccountKey", "V" },',
    "assert.equal(settings['apiKey'], 'V');",
    'func getToken() string { return "V" }',
    "<secret>{shop AQAAA V}</secret>",
    "| refresh token                     | V |",
    "app.config['SECRET_KEY'] = 'V'",
    "AZURE_STORAGE_KEY=V\n",
    "https://a.io/x?api_key=V&b=1",
  ],
])("a key is found in %s", (place) => {
  expect(found(place.replace(/V$|V(?=\W)/, key))).toContain(key);
});

test.each([
  ...[
    "password = getpass()",
    "password: z.string().min(8),",
    "password: string;",
    "password = user.password2.value",
    "pass2 = sha256(x1)",
  ],
  ...[
    'passwordHint: "Use 8-12 Letters!"',
    'PASSWORD_RESET_URL = "/a/Reset-1!"',
    "bypass: Winter-2024!",
    "the compass: K9-x!",
  ],
  ...[
    'names = ["viPassControl", "viIn8-Xy!"]',
    "Public key: aB3dE6gH9jK2mN5pQ8sT7uVxY4z\n",
    'key = "userPreferencesConfigurationKey2"',
    'data = password.encode("utf-16le")',
    "encoded_password = newPassword.encode('utf-16le')",
    `'{"password":"' + pw1 + '"}'`,
    'for a, b in [("password", "0d107d09f5bbe40cade3de5c71e9e9b7-X")]:',
    'cc.hash("password", "sha-256_crypt1")',
    'e({htmlFor:"auth_password"},"Password:",n.e1("a-Code(),x"))',
    'Unhandled atom identified by "uuid\'.$x1-Y." at offset',
    "Found credentials from IAM Role: BaseNotebookInstanceEc2InstanceRole\n",
    'SecretString=\'{"engine":"redshift","port":5439}\'',
    'author = "aB3dE6gH9jK2mN5pQ8sT7uV"',
    'ip_secret = "2001:db8:1::ab9:C0A8:102"',
    '{"key": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"}',
    "ssl_cipher_list = ALL:!MD5:!PSK:!RSA+AES2:@STRENGTH\n",
    "proxy_pass unix:/run/a1.sock;X-2\n",
  ],
  ...[
    "a/credentials v1.4.0 h1:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b+Kx=\n",
    '"a/change_pwd": "<2.0.5|>=3,<3.0.3",',
    "config.reset_password_within = 6.hours\n",
    "Require login and password (Maria7-Kx)\n",
    "docker service update --secret-add source=ssh-2,target=ssh-2",
    "A_DSN=mailer+api://ACCESS_KEY:SECRET_KEY@default",
    "arn:aws:secretsmanager:eu:1:secret:prod-Ab12Cd!",
    "host, port, secret_key = s3_server['a1']['b2']",
  ],
  ...[
    "Visitor<PluginPass>;\\n}\\n\\nfunction a1B2() {",
    "mysql -u root -p",
    "docker login -u ci -p $TOKEN reg.io",
    "curl -u user:password https://a.io",
  ],
  ...[
    "mkdir -p Out-2024!x",
    "auth('users', 'read')",
    "login(user, password1)",
    "jwt.verify(token, publicKey2)",
  ],
])("nothing is found in %s", (text) => {
  expect(found(text)).toEqual([]);
});

test("the value of a literal reaches to the quote that closes it", () => {
  expect(found(`password = "a\\"B3;x>{k"`)).toEqual(['a\\"B3;x>{k']);
  expect(found(`password='It\\'s-${"K9x"}!'`)).toEqual([`It\\'s-K9x!`]);
});

test("the password of a login may be a key", () => {
  const hex = `7cc938e45e63e9014f88${"f811be240ba0395c02dd"}`;
  expect(found(`machine api.a.io\n  login maria\n  password ${hex}\n`)).toEqual([hex]);
  expect(found("PS> Connect -User maria -Password Vmware-1!")).toEqual(["Vmware-1!"]);
});

test("weak values are told on request alone", () => {
  const weak = (text: string): string[] =>
    scanText(text, 10, true).map(({ start, end }) => text.slice(start, end));
  expect(found('password = "abcdefgh12345678"')).toEqual([]);
  expect(weak('password = "abcdefgh12345678"')).toEqual(["abcdefgh12345678"]);
  expect(weak("DB_PASSWORD=letmein\n")).toEqual(["letmein"]);
  expect(weak("password: string;\npassword = getpass()\n")).toEqual([]);
});
