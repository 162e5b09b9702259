/**
 * @file Kinds of secrets and the contexts they occur in, drawn with a seed.
 *
 * A kind has values and places. A place is a text with `\0` as the placeholder of the value. The quote before it
 * determines how the value is escaped.
 */
import {
  alphanumeric,
  apiKey,
  base64,
  between,
  bothPasswords,
  bytes,
  digits,
  hex,
  humanPassword,
  lot,
  lower,
  pick,
  plainPassword,
  randomPassword,
  strong,
  upper,
} from "./secret-values.mjs";

/** Places of a quoted value under a name in snake case. */
const quotedPlaces = (names) => (draw) => {
  const name = pick(draw, names);
  const camel = name.replace(/_(\w)/g, (_, one) => one.toUpperCase());
  const pascal = camel[0].toUpperCase() + camel.slice(1);
  return {
    python: `${name.toUpperCase()} = "\0"\nDEBUG = False\n`,
    "python-dict": `config = {\n    "host": "db1",\n    "${name}": "\0",\n}\n`,
    "python-kwarg": `conn = connect(host="db1.corp.net", user="svc", ${name}='\0', timeout=5)\n`,
    javascript: `const ${camel} = '\0';\nexport default { port: 3000 };\n`,
    "javascript-object": `module.exports = {\n  host: 'db1.corp.net',\n  ${camel}: '\0',\n};\n`,
    json: `{\n  "host": "db1.corp.net",\n  "${camel}": "\0",\n  "port": 5432\n}\n`,
    "yaml-quoted": `database:\n  host: db1.corp.net\n  ${name}: "\0"\n`,
    toml: `[database]\nhost = "db1.corp.net"\n${name} = "\0"\n`,
    "xml-attribute": `<connection host="db1.corp.net" ${camel}="\0" timeout="30"/>\n`,
    "php-array": `return [\n    'host' => 'db1.corp.net',\n    '${name}' => '\0',\n];\n`,
    "php-define": `define('${name.toUpperCase()}', '\0');\n`,
    "php-variable": `<?php\n$${name} = '\0';\n`,
    java: `    private static final String ${name.toUpperCase()} = "\0";\n`,
    "java-setter": `        dataSource.set${pascal}("\0");\n`,
    csharp: `        public string ${pascal} { get; set; } = "\0";\n`,
    go: `cfg := Config{\n\tHost: "db1.corp.net",\n\t${pascal}: "\0",\n}\n`,
    rust: `    let ${name} = String::from("\0");\n`,
    ruby: `config.${name} = "\0"\n`,
    "ruby-hash": `  ${name}: "\0",\n`,
    terraform: `resource "aws_db_instance" "main" {\n  ${name} = "\0"\n}\n`,
    kubernetes: `        - name: ${name.toUpperCase()}\n          value: "\0"\n`,
    powershell: `$${camel} = "\0"\n`,
    compare: `if (input.${camel} === "\0") {\n  grant();\n}\n`,
    environ: `os.environ["${name.toUpperCase()}"] = "\0"\n`,
    default: `${name} = os.getenv("${name.toUpperCase()}", "\0")\n`,
    kotlin: `val ${camel}: String = "\0"\n`,
    swift: `let ${camel}: String = "\0"\n`,
    "escaped-json": `payload = "{\\"${name}\\": \\"\0\\"}"\n`,
  };
};

/** Places of a bare value under a name. */
const barePlaces = (names) => (draw) => {
  const name = pick(draw, names);
  return {
    dotenv: `HOST=db1.corp.net\n${name.toUpperCase()}=\0\nPORT=5432\n`,
    ini: `[database]\nhost = db1.corp.net\n${name} = \0\n`,
    properties: `app.host=db1.corp.net\napp.${name.replace(/_/g, "-")}=\0\n`,
    yaml: `database:\n  host: db1.corp.net\n  ${name}: \0\n  port: 5432\n`,
    export: `export ${name.toUpperCase()}=\0\n`,
    dockerfile: `FROM alpine\nENV ${name.toUpperCase()} \0\n`,
    compose: `    environment:\n      - ${name.toUpperCase()}=\0\n`,
    "docker-run": `docker run -e ${name.toUpperCase()}=\0 -p 80:80 app\n`,
    "xml-element": `  <${name}>\0</${name}>\n`,
    batch: `set ${name.toUpperCase()}=\0\n`,
    systemd: `[Service]\nEnvironment="${name.toUpperCase()}=\0"\n`,
  };
};

const prosePlaces = () => ({
  "prose-is": "Hi Tom, the password is \0 and it expires on Friday.\n",
  "prose-colon": "Login details for staging\nUser: deploy\nPassword: \0\n",
  "prose-short": "ssh into the box as root, pw: \0\n",
  "prose-for": "The password for the admin account is: \0\n",
  "prose-quoted": 'I changed the root password to "\0" yesterday.\n',
  "prose-german": "Das Passwort lautet \0\n",
  "prose-user": "username: maria / password: \0\n",
});

const inPlaces = (table) => () => table;
const merge =
  (...makers) =>
  (draw) =>
    Object.assign({}, ...makers.map((make) => make(draw)));

const passwordNames = [
  "password",
  "db_password",
  "passwd",
  "db_pass",
  "admin_password",
  "smtp_password",
  "pwd",
];
const keyNames = ["api_key", "secret_key", "auth_token", "access_token", "client_secret", "service_api_key"];

const pem = (label, draw, lines = 6) =>
  `-----BEGIN ${label}-----\n${Array.from({ length: lines }, () => bytes(draw, 48)).join("\n")}\n-----END ${label}-----`;
const labels = [
  "RSA PRIVATE KEY",
  "PRIVATE KEY",
  "EC PRIVATE KEY",
  "OPENSSH PRIVATE KEY",
  "ENCRYPTED PRIVATE KEY",
];

const kind = (id, value, places) => ({ id, value, places });
const lines = (id, value, table) => kind(id, value, inPlaces(table));

/** All kinds. */
export const kinds = [
  kind("password-human", humanPassword, quotedPlaces(passwordNames)),
  kind("password-random", randomPassword, quotedPlaces(passwordNames)),
  kind("password-letters", (draw) => lot(draw, between(draw, 10, 20)), quotedPlaces(passwordNames)),
  kind("password-bare", bothPasswords, barePlaces(passwordNames)),
  kind("password-bare-letters", (draw) => lot(draw, between(draw, 10, 20)), barePlaces(passwordNames)),
  kind("password-prose", bothPasswords, prosePlaces),
  kind("passphrase", strong, quotedPlaces(["passphrase", "key_passphrase", "ssh_passphrase"])),
  kind(
    "keystore-password",
    strong,
    quotedPlaces(["keystore_password", "store_password", "truststore_password"]),
  ),
  kind("api-key", apiKey, merge(quotedPlaces(keyNames), barePlaces(keyNames))),
  kind(
    "api-key-hex",
    (draw) => hex(draw, pick(draw, [32, 40, 64])),
    merge(quotedPlaces(keyNames), barePlaces(keyNames)),
  ),
  kind(
    "signing-key",
    (draw) => bytes(draw, 32),
    quotedPlaces(["signing_key", "hmac_secret", "encryption_key", "webhook_secret"]),
  ),
  kind(
    "secret-human",
    strong,
    quotedPlaces(["jwt_secret", "session_secret", "cookie_secret", "app_secret", "client_secret"]),
  ),
  lines("django", (draw) => lot(draw, 50, `${lower}${digits}!@#$%^&*(-_=+)`), {
    settings: "DEBUG = True\nSECRET_KEY = '\0'\nALLOWED_HOSTS = []\n",
    insecure: "SECRET_KEY = 'django-insecure-\0'\n",
    env: "DJANGO_SECRET_KEY='\0'\n",
    double: 'SECRET_KEY = "\0"\n',
  }),
  lines("rails", (draw) => hex(draw, 128), {
    yaml: "production:\n  secret_key_base: \0\n",
    env: "SECRET_KEY_BASE=\0\n",
    ruby: "Rails.application.config.secret_key_base = '\0'\n",
  }),
  lines("laravel", (draw) => `base64:${bytes(draw, 32)}`, {
    env: "APP_NAME=Shop\nAPP_KEY=\0\n",
    php: "'key' => env('APP_KEY', '\0'),\n",
  }),
  lines("flask", (draw) => pick(draw, [randomPassword(draw, 24), hex(draw, 48), lot(draw, 32)]), {
    attribute: "app = Flask(__name__)\napp.secret_key = '\0'\n",
    bytes: 'app.secret_key = b"\0"\n',
    config: "app.config['SECRET_KEY'] = '\0'\n",
    update: 'app.config.update(SECRET_KEY="\0", DEBUG=True)\n',
  }),
  lines("symfony", (draw) => hex(draw, 32), {
    env: "APP_ENV=prod\nAPP_SECRET=\0\n",
    yaml: "framework:\n    secret: '\0'\n",
  }),
  lines("express", strong, {
    session: "app.use(session({ secret: '\0', resave: false }));\n",
    cookie: "app.use(cookieParser('\0'));\n",
    several: "app.use(session({\n  name: 'sid',\n  secret: [\"\0\"],\n}));\n",
  }),
  lines("jwt-secret", strong, {
    sign: "const token = jwt.sign({ id: user.id }, '\0', { expiresIn: '1h' });\n",
    python: 'payload = jwt.decode(token, "\0", algorithms=["HS256"])\n',
    config: "jwt:\n  secret: '\0'\n",
  }),
  lines("spring", bothPasswords, {
    properties: "spring.datasource.username=svc\nspring.datasource.password=\0\n",
    yaml: "spring:\n  datasource:\n    username: svc\n    password: \0\n",
    mail: "spring.mail.password=\0\n",
  }),
  lines("curl-user", plainPassword, {
    short: "curl -u deploy:\0 https://api.corp.net/v1/jobs\n",
    long: 'curl -sS --user "deploy:\0" https://api.corp.net/v1/jobs\n',
    late: "curl -X POST https://api.corp.net/v1/jobs -u 'deploy:\0'\n",
    wget: "wget --user=deploy --password=\0 https://files.corp.net/a.tgz\n",
  }),
  lines("sshpass", plainPassword, {
    spaced: "sshpass -p \0 ssh root@10.2.0.4 uptime\n",
    joined: "sshpass -p\0 scp a.txt root@10.2.0.4:/tmp\n",
    quoted: "sshpass -p '\0' rsync -a . root@10.2.0.4:/srv\n",
  }),
  lines("mysql", plainPassword, {
    joined: "mysql -h db1 -u root -p\0 shop < dump.sql\n",
    dump: "mysqldump -uroot -p\0 --all-databases > all.sql\n",
    quoted: "mysql -uroot -p'\0' -e 'show tables'\n",
    admin: "mysqladmin -u root password '\0'\n",
  }),
  lines("pgpassword", plainPassword, {
    psql: "PGPASSWORD=\0 psql -h db1 -U app shop\n",
    quoted: "PGPASSWORD='\0' pg_dump -h db1 shop\n",
    export: "export PGPASSWORD=\0\n",
    mysql: "MYSQL_PWD=\0 mysql -u root shop\n",
  }),
  lines("docker-login", plainPassword, {
    short: "docker login -u ci -p \0 registry.corp.net\n",
    long: "docker login --username ci --password \0 registry.corp.net\n",
    podman: "podman login -u ci -p '\0' registry.corp.net\n",
    helm: "helm registry login registry.corp.net -u ci -p \0\n",
  }),
  lines("command-password", plainPassword, {
    long: "influx --username admin --password \0 --execute 'show databases'\n",
    equals: "mongodump --host db1 --username app --password=\0 --out /backup\n",
    redis: "redis-cli -h cache1 -a \0 ping\n",
    keytool: "keytool -genkey -alias app -storepass \0 -keypass \0\n",
    openssl: "openssl rsa -in key.pem -passin pass:\0 -out plain.pem\n",
    zip: "unzip -P \0 backup.zip\n",
    smb: "smbclient //nas/share -U maria%\0\n",
    helm: "helm install db bitnami/postgresql --set auth.postgresPassword=\0\n",
    azure: "az login --service-principal -u app -p \0 --tenant corp.net\n",
    rdp: "xfreerdp /v:10.2.0.4 /u:maria /p:\0\n",
    ldap: "ldapsearch -x -D cn=admin,dc=corp -w \0 -b dc=corp\n",
    mqtt: "mosquitto_pub -h mq1 -u app -P \0 -t a -m b\n",
    twine: "twine upload -u ci -p \0 dist/*\n",
    svn: "svn checkout --username ci --password \0 https://svn.corp.net/a\n",
    sqlcmd: "sqlcmd -S db1 -U sa -P \0 -Q 'select 1'\n",
    htpasswd: "htpasswd -b /etc/nginx/.htpasswd maria \0\n",
    chpasswd: "echo 'maria:\0' | chpasswd\n",
    netuser: "net user maria \0 /add\n",
  }),
  lines("command-token", apiKey, {
    vault: "vault login \0\n",
    flag: "deploy --token \0 --env prod\n",
    equals: "sonar-scanner -Dsonar.login=\0\n",
    header: "curl -H 'X-Auth-Token: \0' https://api.corp.net\n",
    npm: "npm config set //registry.corp.net/:_authToken \0\n",
    query: "curl 'https://api.corp.net/v1/items?api_key=\0&limit=5'\n",
    stdin: "echo \0 | gh auth login --with-token\n",
  }),
  lines("header-basic", (draw) => base64(`deploy:${bothPasswords(draw)}`), {
    curl: "curl -H 'Authorization: Basic \0' https://api.corp.net\n",
    http: "GET /v1/jobs HTTP/1.1\nHost: api.corp.net\nAuthorization: Basic \0\n",
    python: "headers = {'Authorization': 'Basic \0'}\n",
  }),
  lines("header-bearer", apiKey, {
    curl: 'curl -H "Authorization: Bearer \0" https://api.corp.net\n',
    js: "fetch(url, { headers: { Authorization: 'Bearer \0' } });\n",
    http: "Authorization: Bearer \0\n",
  }),
  lines("header-token", apiKey, {
    token: "curl -H 'Authorization: Token \0' https://api.corp.net\n",
    python: "headers = {'Authorization': 'Token \0'}\n",
    key: "X-API-Key: \0\n",
    apikey: "Authorization: ApiKey \0\n",
    private: "curl --header 'PRIVATE-TOKEN: \0' https://git.corp.net/api/v4\n",
  }),
  lines("azure-client-secret", (draw) => `${lot(draw, 3)}8Q~${lot(draw, 34)}`, {
    env: "AZURE_CLIENT_SECRET=\0\n",
    code: 'credential = ClientSecretCredential(tenant, client, "\0")\n',
    json: '{"clientId": "a", "clientSecret": "\0"}\n',
  }),
  lines("azure-storage", (draw) => bytes(draw, 64), {
    connection:
      "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=\0;EndpointSuffix=core.windows.net\n",
    python: "BlobServiceClient(url, credential='\0')\n",
    env: "AZURE_STORAGE_KEY=\0\n",
  }),
  lines("azure-sas", (draw) => encodeURIComponent(bytes(draw, 32)), {
    url: "https://shop.blob.core.windows.net/in?sv=2022-11-02&ss=b&srt=sco&sp=rl&se=2027-01-01T00:00:00Z&sig=\0\n",
    token: 'sas = "?sv=2021-06-08&st=2024-01-01&se=2025-01-01&sr=c&sp=r&sig=\0"\n',
  }),
  lines("azure-bus", (draw) => bytes(draw, 32), {
    bus: "Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=\0\n",
    hub: "HostName=shop.azure-devices.net;DeviceId=d1;SharedAccessKey=\0\n",
  }),
  lines("jdbc", plainPassword, {
    mysql: "jdbc:mysql://db1.corp.net:3306/shop?user=app&password=\0&useSSL=true\n",
    postgres: 'url = "jdbc:postgresql://db1.corp.net/shop?user=app&password=\0"\n',
    sqlserver: "jdbc:sqlserver://db1.corp.net:1433;databaseName=shop;user=app;password=\0;encrypt=true\n",
    oracle: "jdbc:oracle:thin:app/\0@db1.corp.net:1521:orcl\n",
  }),
  lines("odbc", plainPassword, {
    driver: "Driver={ODBC Driver 17 for SQL Server};Server=db1;Database=shop;Uid=app;Pwd=\0;\n",
    code: "cnxn = pyodbc.connect('DSN=shop;UID=app;PWD=\0')\n",
  }),
  lines("mongodb", plainPassword, {
    srv: "mongodb+srv://app:\0@cluster0.ab1cd.mongodb.net/shop?retryWrites=true\n",
    plain: 'MONGO_URL="mongodb://app:\0@db1.corp.net:27017/shop"\n',
  }),
  lines("amqp", plainPassword, {
    url: "broker_url = 'amqp://app:\0@mq1.corp.net:5672//'\n",
    tls: "amqps://app:\0@mq1.corp.net\n",
  }),
  lines("redis", plainPassword, {
    url: "REDIS_URL=redis://:\0@cache1.corp.net:6379/0\n",
    conf: "requirepass \0\n",
    user: "rediss://app:\0@cache1.corp.net\n",
  }),
  lines("sqlalchemy", plainPassword, {
    postgres: 'engine = create_engine("postgresql+psycopg2://app:\0@db1.corp.net/shop")\n',
    mysql: 'SQLALCHEMY_DATABASE_URI = "mysql+pymysql://app:\0@db1.corp.net/shop"\n',
    mssql: "mssql+pyodbc://app:\0@db1.corp.net/shop?driver=x\n",
    oracle: "oracle+cx_oracle://app:\0@db1.corp.net:1521/shop\n",
  }),
  lines("adonet", plainPassword, {
    json: '"ConnectionStrings": { "Main": "Server=tcp:db1.corp.net,1433;Initial Catalog=shop;User ID=app;Password=\0;Encrypt=True;" }\n',
    xml: '<add name="Main" connectionString="Data Source=db1;Initial Catalog=shop;User Id=app;Password=\0" />\n',
    npgsql: '"Host=db1.corp.net;Port=5432;Database=shop;Username=app;Password=\0"\n',
  }),
  lines("kafka", plainPassword, {
    jaas: 'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="app" password="\0";\n',
    scram:
      'KafkaClient {\n  org.apache.kafka.common.security.scram.ScramLoginModule required\n  username="app"\n  password="\0";\n};\n',
    librdkafka: "sasl.password=\0\n",
  }),
  lines("url-userinfo", plainPassword, {
    git: "git clone https://ci:\0@git.corp.net/shop.git\n",
    proxy: "HTTPS_PROXY=http://maria:\0@proxy.corp.net:3128\n",
    ftp: "ftp://maria:\0@files.corp.net/in\n",
    smtp: "smtp://mailer:\0@mail.corp.net:587\n",
  }),
  kind(
    "pem",
    (draw) => pem(pick(draw, labels), draw),
    inPlaces({ file: "\0\n", text: "here is the key:\n\0\nthanks\n" }),
  ),
  kind(
    "pem-escaped",
    (draw) => pem(pick(draw, labels), draw).replace(/\n/g, "\\n"),
    inPlaces({
      json: '{"type": "service_account", "private_key": "\0\\n"}\n',
      env: 'PRIVATE_KEY="\0"\n',
      code: "const key = '\0';\n",
    }),
  ),
  kind(
    "pem-other",
    (draw) =>
      pem(pick(draw, ["DSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "SSH2 ENCRYPTED PRIVATE KEY"]), draw),
    inPlaces({
      file: "\0\n",
      indented: "key: |\n  \0\n",
    }),
  ),
  lines("aws", (draw) => lot(draw, 40, `${alphanumeric}/+`), {
    credentials: `[default]\naws_access_key_id = AKIAQ3EGRZX7LMNOP5VT\naws_secret_access_key = \0\n`,
    code: 'boto3.client("s3", aws_access_key_id="AKIAQ3EGRZX7LMNOP5VT", aws_secret_access_key="\0")\n',
    env: "AWS_SECRET_ACCESS_KEY=\0\n",
    js: "new AWS.S3({ accessKeyId: 'AKIAQ3EGRZX7LMNOP5VT', secretAccessKey: '\0' });\n",
  }),
  lines("aws-id", (draw) => `AKIA${lot(draw, 16, `${upper}234567`)}`, {
    ini: "aws_access_key_id = \0\n",
    bare: "use \0 for the bucket\n",
  }),
  lines("github", (draw) => `ghp_${lot(draw, 36)}`, {
    env: "GITHUB_TOKEN=\0\n",
    url: "git clone https://\0@github.com/corp/shop.git\n",
    code: "g = Github('\0')\n",
  }),
  lines("gitlab", (draw) => `glpat-${lot(draw, 20)}`, {
    env: "GITLAB_TOKEN=\0\n",
    header: "curl -H 'PRIVATE-TOKEN: \0' https://gitlab.com/api/v4\n",
  }),
  lines("slack", (draw) => `xoxb-${lot(draw, 12, digits)}-${lot(draw, 12, digits)}-${lot(draw, 24)}`, {
    env: "SLACK_BOT_TOKEN=\0\n",
    code: 'client = WebClient(token="\0")\n',
  }),
  lines("stripe", (draw) => `sk_live_${lot(draw, 24)}`, {
    code: "stripe.api_key = '\0'\n",
    js: "const stripe = require('stripe')('\0');\n",
  }),
  lines("openai", (draw) => `sk-proj-${lot(draw, 74)}T3BlbkFJ${lot(draw, 74)}`, {
    env: "OPENAI_API_KEY=\0\n",
    code: 'client = OpenAI(api_key="\0")\n',
  }),
  lines("google", (draw) => `AIza${lot(draw, 35)}`, {
    js: 'const config = { apiKey: "\0" };\n',
    url: "https://maps.googleapis.com/maps/api/js?key=\0\n",
  }),
  lines("sendgrid", (draw) => `SG.${lot(draw, 22)}.${lot(draw, 43)}`, {
    env: "SENDGRID_API_KEY=\0\n",
    bare: "the mail key \0 leaked\n",
  }),
  lines("npmrc", (draw) => base64(`ci:${lot(draw, 14)}`), {
    auth: "//registry.corp.net/:_auth=\0\n",
    password: "//registry.corp.net/:_password=\0\n",
  }),
  lines("files-with-passwords", plainPassword, {
    netrc: "machine api.corp.net login ci password \0\n",
    pgpass: "db1.corp.net:5432:shop:app:\0\n",
    pypirc: "[pypi]\nusername = ci\npassword = \0\n",
    mycnf: "[client]\nuser=root\npassword=\0\n",
    maven: "<server><id>corp</id><username>ci</username><password>\0</password></server>\n",
    nuget: '<add key="ClearTextPassword" value="\0" />\n',
    wpa: 'network={\n  ssid="home"\n  psk="\0"\n}\n',
    tomcat: '<user username="admin" password="\0" roles="manager-gui"/>\n',
  }),
  lines("docker-config", (draw) => base64(`ci:${lot(draw, 16)}`), {
    json: '{"auths": {"registry.corp.net": {"auth": "\0"}}}\n',
  }),
  lines("kubernetes-secret", (draw) => base64(lot(draw, 16)), {
    password: "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ntype: Opaque\ndata:\n  password: \0\n",
    other: "kind: Secret\napiVersion: v1\ndata:\n  token: \0\n",
  }),
  lines("wordpress", (draw) => lot(draw, 64, `${alphanumeric}!@#$%^&*()-_[]{}<>~+=,.;:/?|`), {
    auth: "define( 'AUTH_KEY',         '\0' );\n",
    salt: "define( 'NONCE_SALT', '\0' );\n",
    logged: "define('LOGGED_IN_KEY', '\0');\n",
  }),
  lines("sql", strong, {
    mysql: "CREATE USER 'app'@'%' IDENTIFIED BY '\0';\n",
    postgres: "ALTER ROLE app WITH LOGIN PASSWORD '\0';\n",
    server: "CREATE LOGIN app WITH PASSWORD = '\0';\n",
    grant: "GRANT ALL ON shop.* TO 'app'@'localhost' IDENTIFIED BY '\0';\n",
  }),
  lines("powershell-secure", strong, {
    convert: "$s = ConvertTo-SecureString '\0' -AsPlainText -Force\n",
    credential: "New-Object System.Net.NetworkCredential('maria', '\0')\n",
  }),
  lines("call-arguments", strong, {
    basic: "requests.get(url, auth=HTTPBasicAuth('deploy', '\0'))\n",
    tuple: "requests.get(url, auth=('deploy', '\0'))\n",
    mysqli: "$db = mysqli_connect('db1.corp.net', 'app', '\0', 'shop');\n",
    pdo: "$db = new PDO('mysql:host=db1;dbname=shop', 'app', '\0');\n",
    jdbc: 'Connection c = DriverManager.getConnection(url, "app", "\0");\n',
    smtp: "server.login('bot@corp.net', '\0')\n",
    ssh: "client.connect('10.2.0.4', username='root', password='\0')\n",
    spec: 'UsernamePasswordCredentials("deploy", "\0")\n',
  }),
  lines(
    "jwt",
    (draw) =>
      `${base64('{"alg":"HS256","typ":"JWT"}').replace(/=/g, "")}.${base64(`{"sub":"u-${lot(draw, 8)}","scope":"all"}`).replace(/=/g, "")}.${lot(draw, 43)}`,
    {
      code: 'token = "\0"\n',
      cookie: "Cookie: session=\0\n",
    },
  ),
  lines("telegram", (draw) => `${lot(draw, 10, "123456789")}:AA${lot(draw, 33)}`, {
    env: "BOT_TOKEN=\0\n",
    url: "https://api.telegram.org/bot\0/getMe\n",
  }),
  lines(
    "slack-webhook",
    (draw) =>
      `hooks.slack.com/services/T${lot(draw, 8, upper + digits)}/B${lot(draw, 8, upper + digits)}/${lot(draw, 24)}`,
    { url: "curl -X POST https://\0\n", code: 'WEBHOOK = "https://\0"\n' },
  ),
  lines("ansible", strong, {
    vars: "ansible_become_password: '\0'\n",
    host: "web1 ansible_host=10.2.0.4 ansible_ssh_pass='\0'\n",
  }),
  lines("email-host", strong, {
    django: "EMAIL_HOST_USER = 'bot'\nEMAIL_HOST_PASSWORD = '\0'\n",
    php: "$mail->Password = '\0';\n",
  }),
  lines("terraform-default", strong, {
    variable: 'variable "db_password" {\n  type    = string\n  default = "\0"\n}\n',
    tfvars: 'db_password = "\0"\n',
  }),
];

/** A text with the value inserted, escaped according to the quote before it, and the value's position. */
export function plant(place, value) {
  const at = place.indexOf("\0");
  const quote = place[at - 1];
  const isEscaped = place[at - 2] === "\\" && quote === '"';
  let written = value;
  if (quote === '"' || quote === "'") {
    written = written.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`);
    if (/^\s*<|<\w+ /.test(place))
      written = value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
    if (isEscaped) written = JSON.stringify(JSON.stringify(value)).slice(3, -3);
  }
  if (value.startsWith("-----BEGIN")) written = value;
  return { text: place.replaceAll("\0", () => written), start: at, end: at + written.length };
}
