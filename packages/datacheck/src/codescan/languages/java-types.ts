/** @file The names that rules use for values of Java's well-known types, and the calls that return them. */
import { anyOf, type Types } from "../engine/language.ts";
import { simpleType } from "./java-names.ts";

function each(names: string, type: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [name, type]));
}

/** Types that rules treat as another type with the same use. */
const kinds: Readonly<Record<string, string>> = {
  ...each(
    "HttpServletRequest ServletRequest HttpServletRequestWrapper ServerHttpRequest HttpExchange ServerRequest " +
      "MultipartHttpServletRequest RoutingContext ContainerRequestContext HttpServerRequest WebRequest Http.Request " +
      "NativeWebRequest ServletWebRequest PortletRequest ActionRequest " +
      "RenderRequest FullHttpRequest HttpRequestMessage " +
      "APIGatewayProxyRequestEvent APIGatewayV2HTTPEvent ServerWebExchange ServletUriComponentsBuilder",
    "request",
  ),
  ...each("HttpServletResponse ServletResponse HttpServletResponseWrapper", "HttpServletResponse"),
  ...each(
    "InitialDirContext LdapContext InitialLdapContext EventDirContext DirContextOperations",
    "DirContext",
  ),
  ...each("InitialContext JndiTemplate JndiLocatorDelegate", "Context"),
  ...each("LDAPInterface FullLDAPInterface LDAPConnectionPool InMemoryDirectoryServer", "LDAPConnection"),
  ...each(
    "LdapNetworkConnection LdapConnectionPool LdapConnectionWrapper LdapAsyncConnection",
    "LdapConnection",
  ),
  ...each("LdapOperations SimpleLdapTemplate SpringSecurityLdapTemplate", "LdapTemplate"),
  ...each("SAXTransformerFactory", "TransformerFactory"),
  ...each("SSLConnectionSocketFactory SSLServerSocketFactory", "SSLSocketFactory"),
  ...each("ReadOnlySearchRequest", "SearchRequest"),
  ...each(
    "NamedParameterJdbcTemplate SimpleJdbcTemplate JdbcOperations NamedParameterJdbcOperations",
    "JdbcTemplate",
  ),
  ...each("RestOperations AsyncRestTemplate TestRestTemplate", "RestTemplate"),
  ...each("SecureRandomSpi", "SecureRandom"),
  ...each("HttpsURLConnection HttpURLConnection JarURLConnection", "URLConnection"),
  ...each("CloseableHttpClient DefaultHttpClient MinimalHttpClient", "HttpClient"),
  ...each("SSLSocket", "Socket"),
  ...each("SSLServerSocket", "ServerSocket"),
  ...each("StatelessSession SharedSessionContract QueryProducer", "Session"),
  ...each("SpelExpressionParser TemplateAwareExpressionParser", "ExpressionParser"),
};

/** Types whose declaration says nothing about the value: text, numbers, any object, type parameters. */
const mute = anyOf(
  /^(String|CharSequence|Object|var|Serializable|Comparable|Iterable|Number|Integer|Long|Short|Byte|Boolean)$/,
  /^(Double|Float|Character|[A-Z]|[A-Z]\d|[a-z]\w*)$/,
);

/** Methods with a known result type, by path or by `.name`. */
const results: Readonly<Record<string, string>> = {
  ".newDocumentBuilder": "DocumentBuilder",
  ".newSAXParser": "SAXParser",
  ".getXMLReader": "XMLReader",
  "XMLReaderFactory.createXMLReader": "XMLReader",
  ".newTransformer": "Transformer",
  ".newTemplates": "Templates",
  ".newXMLFilter": "XMLReader",
  ".newSchema": "Schema",
  ".newValidator": "Validator",
  ".newXPath": "XPath",
  "XPath.compile": "XPathExpression",
  ".createUnmarshaller": "Unmarshaller",
  ...each("LdapQueryBuilder.query LdapQueryBuilder.base LdapQueryBuilder.attributes", "LdapQueryBuilder"),
  ...each("LdapNameBuilder.add", "LdapNameBuilder"),
  ...each("LdapNameBuilder.build LdapUtils.newLdapName", "LdapName"),
  ...each(".getNextEntry .getNextZipEntry .getNextTarEntry .getNextJarEntry ZipFile.getEntry", "ZipEntry"),
  ...each("Runtime.getRuntime", "Runtime"),
  ...each("JexlBuilder.create", "JexlEngine"),
  ...each(".createStatement", "Statement"),
  ...each(".prepareStatement .prepareCall", "PreparedStatement"),
  ...each(".getConnection DriverManager.getConnection", "Connection"),
  ...each(
    "Paths.get FileSystem.getPath .toPath .toRealPath Path.resolve Path.normalize .toAbsolutePath",
    "Path",
  ),
  ...each("FileSystems.getDefault", "FileSystem"),
  ...each(".toFile .getCanonicalFile .getAbsoluteFile File.getParentFile .createTempFile", "File"),
  ...each("URI.toURL File.toURL .toURL", "URL"),
  ...each("URL.toURI Path.toUri File.toURI .toURI", "URI"),
  ...each("URL.openConnection", "URLConnection"),
  ...each("ServerSocket.accept", "Socket"),
  ...each("ServerSocketChannel.accept", "SocketChannel"),
  ...each("HttpServletResponse.getWriter", "ResponseWriter"),
  ...each("HttpServletResponse.getOutputStream", "ResponseStream"),
  ...each("ThreadLocalRandom.current", "Random"),
  ...each("ScriptEngineManager.getEngineByName ScriptEngineManager.getEngineByExtension", "ScriptEngine"),
  ...each("HttpClients.createDefault HttpClientBuilder.build HttpClient.newHttpClient", "HttpClient"),
  ...each("ESAPI.encoder DefaultEncoder.getInstance", "Encoder"),
  // writes to its own target, not to a page
  ...each("PrintWriter FileWriter BufferedWriter StringWriter OutputStreamWriter", "TextWriter"),
};

const factory = /^([A-Z]\w*)\.(\w+)$/;
const makers = anyOf(
  /^(getInstance|getInstanceStrong|newInstance|newFactory|newDefaultInstance|newDefaultFactory|newNSInstance)$/,
  /^(getDefault|open|create|of|from|valueOf|newBuilder|builder|custom)$/,
);

function own(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Java's types. */
export const javaTypes: Types = {
  declared: (source) => {
    if (/\]\s{0,9}$/.test(source)) return undefined;
    const type = simpleType(source);
    if (mute.test(type)) return undefined;
    return own(kinds, type) ?? type;
  },
  gives: (path, args) => {
    // a class that wraps a request counts as the request
    if (/^[A-Z]\w*Request\w*$/.test(path) && args.some((one) => one.path === "request")) return "request";
    const result = own(results, path) ?? own(results, path.slice(Math.max(0, path.lastIndexOf("."))));
    if (result !== undefined) return result;
    if (/^[A-Z]\w*$/.test(path)) return mute.test(path) ? undefined : (own(kinds, path) ?? path);
    const [, made, verb = ""] = factory.exec(path) ?? [];
    return made === undefined || !makers.test(verb) || mute.test(made)
      ? undefined
      : (own(kinds, made) ?? made);
  },
};
