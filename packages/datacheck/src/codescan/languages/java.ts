/** @file Java for value tracing: sources of servlets, Spring and JAX-RS, sanitizers, functions that pass values on. */
import { anyOf, type Language } from "../engine/language.ts";
import { type Danger, dangers } from "../engine/value.ts";
import { lowerJava } from "./java-statements.ts";
import { javaTypes } from "./java-types.ts";
import { numberPlace } from "./printf.ts";

const numbers =
  "Integer.parseInt Integer.valueOf Long.parseLong Long.valueOf Double.parseDouble Double.valueOf Short.parseShort " +
  "Short.valueOf Byte.valueOf Integer.decode Long.decode " +
  "Integer.parseUnsignedInt Long.parseUnsignedLong Ints.tryParse " +
  "Float.parseFloat Float.valueOf Byte.parseByte Integer Long " +
  "NumberUtils.toInt NumberUtils.toLong NumberUtils.toDouble " +
  "Math.abs Math.round Math.max .nextInt .nextLong .nextDouble .nextShort .nextFloat .readInt .readLong .readShort " +
  ".intValue .longValue .shortValue .byteValue .doubleValue .getAsInt .getAsLong NumberUtils.createInteger";
const harmless =
  "Boolean.parseBoolean Boolean.valueOf UUID.fromString BigDecimal BigInteger LocalDate.parse LocalDateTime.parse " +
  "Instant.parse BigDecimal.valueOf ObjectId Duration.parse " +
  "Character.getNumericValue .hashCode Math.min Math.toIntExact " +
  "Math.floorMod ZonedDateTime.parse OffsetDateTime.parse LocalTime.parse Currency.getInstance Locale.forLanguageTag " +
  "InetAddress.getByAddress Enum.valueOf Objects.checkIndex " +
  "Objects.hash Objects.equals Double.toString Integer.toString " +
  "Long.toString Integer.toHexString Long.toHexString .getClass .getSimpleName Integer.compare .compareTo .nextBoolean";
const pages =
  "StringEscapeUtils.escapeHtml StringEscapeUtils.escapeHtml3 StringEscapeUtils.escapeHtml4 HtmlUtils.htmlEscape " +
  "Encode.forHtml Encode.forHtmlContent Encode.forHtmlAttribute Encode.forJavaScript HtmlUtils.htmlEscapeDecimal " +
  "Encode.forCssString Encode.forXml HtmlEscapers.htmlEscaper().escape Jsoup.clean .encodeForHTML " +
  ".encodeForHTMLAttribute .encodeForJavaScript Escaper.escapeHtml Encode.forHtmlUnquotedAttribute .htmlEscape";

/** Dangers that do not apply to the command line: the user who starts a program may name its files and addresses. */
const byOwner: readonly Danger[] = ["path", "url", "upload", "log", "redirect", "html"];
/** Dangers that a number excludes: all except lengths and indexes. */
const dangersOfText = (Object.keys(dangers) as Danger[]).filter((one) => one !== "size");

/** Containers that are created empty and filled by their methods. */
const containers =
  "ArrayList LinkedList Vector CopyOnWriteArrayList ArrayDeque HashMap LinkedHashMap TreeMap Hashtable " +
  "ConcurrentHashMap EnumMap HashSet LinkedHashSet TreeSet";

function each<T>(names: string, value: T): Record<string, T> {
  return Object.fromEntries(names.split(" ").map((name) => [name, value]));
}

/** Java. */
export const java: Language = {
  name: "java",
  lower: lowerJava,
  sources: [
    {
      path: /^request\.(getPart\(\)|getFile\(\))\.(getSubmittedFileName|getOriginalFilename)\(\)$/,
      level: 2,
      root: "!filename",
    },
    {
      path: anyOf(
        /\.(getSubmittedFileName|getOriginalFilename)\(\)$/,
        /^(FileItem|DiskFileItem|FileItemStream|FileItemInput)\.getName\(\)$/,
      ),
      level: 2,
      root: "!filename",
    },
    {
      path: /^(Zip|Jar|Tar|Archive|Ar|Cpio|SevenZ|TarArchive|ZipArchive|JarArchive)Entry\.getName\(\)$/,
      level: 0,
      root: "!entry",
    },
    {
      path: anyOf(
        anyOf(
          /^request\.get(Parameter|ParameterValues|ParameterMap|ParameterNames|Header|Headers)\(\)/,
          /^request\.get(QueryString|Cookies|Reader)\(\)/,
        ),
        /^request\.get(InputStream|RequestURI|RequestURL|PathInfo|QueryParams|Body|RequestBody|RequestHeaders)\(\)/,
        anyOf(
          /^request\.(queryParams|queryParam|params|body|bodyAsClass|formParam|pathParam)\(\)/,
          /^request\.(headers|header|cookie|queryMap)\(\)/,
        ),
        /^request\.(bodyAsBytes|bodyAsJson|formParams|splat|queryString|uploadedFile|uri|pathVariable)\(\)/,
      ),
      level: 2,
    },
    // an object populated from a request
    {
      path: {
        test: (path) =>
          /^request\.get\w{1,40}\(\)$/.test(path) &&
          !/^request\.get(Session|Context|Remote|Method|Servlet|RequestDispatcher)/.test(path) &&
          !/^request\.get(Local|Content|Attribute|User|Auth|Scheme)/.test(path) &&
          !/^request\.get(Server|Protocol|Character|Dispatcher|Response|Class|Locale|Part|File|Id\(|Input|Path)/.test(
            path,
          ),
      },
      level: 2,
    },
    { path: /^(!args|!form)$/, level: 2 },
    // data that another app sends to a component of this one
    {
      path: anyOf(
        /(^|\.)getIntent\(\)\.(get\w{1,30}Extra|getData|getDataString|getExtras)\(\)/,
        /^Cookie\.getValue\(\)$/,
        /^(FileItem|DiskFileItem|FileItemStream|FileItemInput)\.(getString|getFieldName)\(\)$/,
      ),
      level: 2,
    },
    { path: /^System\.(getProperty|getenv|getProperties)\(\)/, level: 1, clean: byOwner },
    { path: /^System\.in$/, level: 2, clean: byOwner },
    {
      path: anyOf(
        /^(Scanner|BufferedReader|Console)\.(nextLine|readLine|next|readUTF)\(\)/,
        /^(System\.console\(\)|DataInputStream)\.(nextLine|readLine|next|readUTF)\(\)/,
      ),
      level: 2,
    },
    { path: /^Socket\.getInputStream\(\)/, level: 2 },
    {
      path: anyOf(/^(Random\.\w{1,20}|Math\.random)\(\)$/, /^(RandomStringUtils\.random\w{0,20})\(\)$/),
      level: 0,
      root: "!random",
    },
    {
      path: /^!error\.(getMessage|toString|getLocalizedMessage|getStackTrace)\(\)$/,
      level: 0,
      root: "!trace",
    },
    {
      path: /^(Exception|Throwable|RuntimeException|SQLException)\.(getMessage|toString|getLocalizedMessage)\(\)$/,
      level: 0,
      root: "!trace",
    },
    { path: /^ExceptionUtils\.(getStackTrace|getMessage|getFullStackTrace)\(\)$/, level: 0, root: "!trace" },
  ],
  cleaners: {
    ...each(harmless, "all" as const),
    ...each(numbers, dangersOfText),
    ...each(pages, ["html"] as const),
    [numberPlace]: "all",
    commandLine: ["path", "url", "upload", "log", "redirect"],
    "URLEncoder.encode": ["html", "header", "log", "path", "url", "redirect", "xpath", "ldap", "shell"],
    "UriUtils.encode": ["html", "header", "log", "path", "url", "redirect"],
    "FilenameUtils.getName": ["path"],
    "FilenameUtils.getBaseName": ["path"],
    "FilenameUtils.getExtension": ["path"],
    "StringUtils.cleanPath": [],
    "Pattern.quote": ["regex"],
    "Encode.forJava": ["log", "header"],
    "Encode.forUriComponent": ["html", "header", "log", "path", "url", "redirect"],
    "StringEscapeUtils.escapeJava": ["log", "header"],
    "StringEscapeUtils.escapeXml": ["html", "xpath"],
    "StringEscapeUtils.escapeXml11": ["html", "xpath"],
    "StringEscapeUtils.escapeSql": ["sql"],
    "LdapEncoder.filterEncode": ["ldap"],
    "LdapEncoder.nameEncode": ["ldap"],
    "Rdn.escapeValue": ["ldap"],
    "Filter.encodeValue": ["ldap"],
    "Base64.getEncoder().encodeToString": ["html", "header", "log", "xpath", "ldap", "shell"],
    "DigestUtils.sha256Hex": "all",
    "DigestUtils.md5Hex": "all",
    ".digest": "all",
    ".getBytes().length": "all",
    ".encodeForSQL": ["sql"],
    ".encodeForLDAP": ["ldap"],
    ".encodeForXPath": ["xpath"],
    ".encodeForOS": ["shell"],
    ".encodeForURL": ["html", "header", "log", "path", "url", "redirect"],
    ".getFileName": ["path"],
    ".writeValueAsString": ["html", "log", "header"],
    ".toJson": ["html", "log", "header"],
    ".ordinal": "all",
    ".quote": ["sql"],
    ".enquoteIdentifier": ["sql"],
    ".enquoteLiteral": ["sql"],
  },
  passes: new Set(
    (
      "FileSystem.getPath URL URI URI.create Optional.of Optional.ofNullable " +
      "ArrayList HashMap List.of Arrays.asList Stream.of Collections.singletonList String.join InputStreamReader " +
      "BufferedReader StringReader ByteArrayInputStream URLDecoder.decode Base64.getDecoder().decode Scanner " +
      "Base64.decodeBase64 Base64.encodeBase64 Base64.encodeBase64String Base64.decode Base64.encode " +
      "Base64.getUrlDecoder().decode Base64.getMimeDecoder().decode BaseEncoding.base64().decode Hex.decodeHex " +
      "Hex.decode DatatypeConverter.parseBase64Binary DatatypeConverter.parseHexBinary " +
      "InputSource StreamSource FilenameUtils.concat FilenameUtils.normalize Objects.toString IOUtils.toString " +
      "UrlResource FileSystemResource SimpleEntry Map.of Set.of ProcessBuilder GZIPInputStream " +
      "BufferedInputStream DataInputStream JSONObject Gson.fromJson Cookie HttpGet HttpPost " +
      "HttpRequest.uri UriComponentsBuilder.fromHttpUrl UriComponentsBuilder.fromUriString " +
      ".resolve .readValue .fromJson .orElse .orElseGet .getOrDefault .get .toPath .toFile .split .substring " +
      ".collect .map .stream .lines .toArray .parse .join .command .uri .build .create .concat .resolveSibling"
    ).split(" "),
  ),
  keeps: new Set(
    (
      "!index !length !narrow.int !narrow.short !narrow.byte !narrow.char " +
      "String String.valueOf File Paths.get Path.of Objects.requireNonNull Pattern.compile " +
      "Objects.toString StringUtils.trim " +
      "StringUtils.lowerCase StringUtils.defaultString " +
      ".trim .strip .toString .toLowerCase .toUpperCase .getBytes .toCharArray .intern .stripIndent .toRealPath"
    ).split(" "),
  ),
  asks: new Set(
    (
      ".length .isEmpty .isBlank .startsWith .endsWith .indexOf .lastIndexOf .size .hashCode .compareTo .exists " +
      ".isFile .isDirectory .isPresent .matches .getSize .getContentType .charAt .canRead .hasNext .hasNextLine .close"
    ).split(" "),
  ),
  fills: new Set(".add .put .addAll .append .write .putAll .push .offer .set .insert".split(" ")),
  holders: {
    ".add": "insert",
    ".addFirst": "prepend",
    ".addLast": "append",
    ".offer": "append",
    ".addAll": "extend",
    ".putAll": "extend",
    ".put": "put",
    ".set": "put",
    ".get": "get",
    ".getOrDefault": "get",
    ".remove": "take",
    ".removeFirst": "take-first",
    ".poll": "take-first",
    ".clear": "clear",
  },
  empties: each(containers, "container" as const),
  checks: anyOf(
    /^_?(is_?valid|valid|validate|check|is_?safe|safe|is_?allowed|allowed|allow|verify|is_?permitted|is_?trusted)/i,
    /^_?(ensure|require(?!NonNull)|has_?access|can_?access|in_?whitelist|isNumeric|isAlphanumeric|isDigits|isAlpha)/i,
  ),
  ends: new Set(["System.exit", "Runtime.getRuntime().exit", "fail"]),
  resolves: new Set(
    ".getCanonicalPath .getCanonicalFile .normalize .toRealPath .toAbsolutePath FilenameUtils.normalize".split(
      " ",
    ),
  ),
  renames: {},
  answers: anyOf(
    /^(Get|Post|Put|Delete|Patch|Request|Message|Query|Mutation)Mapping(\(\))?$/,
    /^(GET|POST|PUT|DELETE|PATCH|WebMethod|FunctionName|KafkaListener|OnMessage|QueryMapping)(\(\))?$/,
    /^(Get|Post|Put|Delete|Patch|Action)(\(\))?$/,
  ),
  request: anyOf(
    /^(request|req|httpRequest|servletRequest|HttpServletRequest|ServletRequest|ServerHttpRequest)$/,
    /^(HttpExchange|MultipartHttpServletRequest|ServerRequest|RoutingContext|ContainerRequestContext)$/,
  ),
  trusted: anyOf(
    /^(conn|connection|con|stmt|statement|ps|pstmt|rs|resultSet|session|em|entityManager|jdbcTemplate|template)$/i,
    /^(logger|log|response|resp|res|model|config|properties|props|env|context|ctx|client|dataSource|ds|out|writer)$/i,
    /^(repository|\w{1,40}(Repository|Service|Dao|Factory|Manager|Mapper|Helper|Client|Logger))$/,
    /^(algorithm|charset|encoding|locale|format|tableName|className|privateKey|publicKey|secretKey|key)$/i,
  ),
  plainTypes: anyOf(
    /^(int|long|short|byte|char|boolean|float|double|Integer|Long|Short|Byte|Character|Boolean|Float|Double)(\[\])?$/,
    /^(BigDecimal|BigInteger|UUID|LocalDate|LocalDateTime|Instant|Date|Duration|ZonedDateTime|Class<.{0,40}>|Class)$/,
    /^(Connection|Statement|PreparedStatement|ResultSet|DataSource|EntityManager|Session|JdbcTemplate|Principal)$/,
    /^(HttpSession|Authentication|BindingResult|RedirectAttributes|Pageable|SecurityContext|ServletContext|Errors)$/,
    /^(Locale|TimeZone|Logger|SecretKey|PublicKey|PrivateKey|KeyStore|Cipher|MessageDigest|Element|Document|Node)$/,
    anyOf(
      /^(\w{1,40}(Repository|Service|Factory|Manager|Mapper|Config|Properties|Listener))$/,
      /^(\w{1,40}(Callback|Handler|Builder|Exception))$/,
    ),
    /^(X509Certificate|Certificate)(\[\])?$/,
  ),
  self: "this",
  bareFields: true,
  types: javaTypes,
};
