/** @file Java rules: Android apps with components that other apps can reach, and pages in web views. */
import type { Rule } from "../../rule.ts";
import { is, isA, says } from "../conditions.ts";
import { aroundSays, fileSays } from "../inside.ts";
import { calls, reaches, words } from "../matches.ts";

/** Rules on apps. */
export const javaAndroidRules: readonly Rule[] = [
  {
    id: "java/broadcast-to-all",
    cwe: 927,
    title: "Broadcast readable by any app",
    severity: "low",
    why: "Any app that registers for the action receives the data.",
    fix: "Use context.sendBroadcast(intent, permission), or set the receiver with intent.setPackage(name)",
    literals: ["Broadcast("],
    match: [
      calls(
        ".sendBroadcast .sendOrderedBroadcast .sendStickyBroadcast .sendStickyOrderedBroadcast .sendBroadcastAsUser " +
          ".sendStickyBroadcastAsUser .sendOrderedBroadcastAsUser .sendStickyOrderedBroadcastAsUser " +
          "sendBroadcast sendOrderedBroadcast sendStickyBroadcast",
        ({ path, args, here }) => {
          if (/LocalBroadcast/.test(path) || fileSays(here, /LocalBroadcastManager/)) return false;
          if (aroundSays(here, /\.(setPackage|setComponent|setClass\w{0,8})\(|new Intent\([^)]{0,60}\.class/))
            return false;
          const permission = args[/AsUser$/.test(path) ? 2 : 1];
          return /Sticky/.test(path) || permission === undefined || is(permission, null);
        },
      ),
    ],
  },
  {
    id: "java/messages-of-all",
    cwe: 925,
    title: "Broadcast receiver open to any app",
    severity: "low",
    why: "Any app can send forged events.",
    fix: "Use registerReceiver(receiver, filter, permission, handler) or RECEIVER_NOT_EXPORTED",
    literals: ["registerReceiver"],
    match: [
      calls(".registerReceiver registerReceiver", ({ path, args, here }) => {
        if (/LocalBroadcast/.test(path) || fileSays(here, /LocalBroadcastManager/)) return false;
        if (is(args[0], null) || args.some((one) => isA(one, /RECEIVER_NOT_EXPORTED$/))) return false;
        return args.length < 3 || is(args[2], null) || isA(args[2], /RECEIVER_EXPORTED$/);
      }),
    ],
  },
  {
    id: "java/shared-storage",
    cwe: 312,
    title: "Files in shared external storage",
    severity: "low",
    why: "All apps can read shared storage. On older Android versions, they can also modify it.",
    fix: "Use context.getFilesDir()",
    literals: ["getExternal", "getObbDir"],
    match: [
      calls(
        "Environment.getExternalStorageDirectory Environment.getExternalStoragePublicDirectory .getExternalFilesDir " +
          ".getExternalFilesDirs .getExternalMediaDirs .getExternalCacheDir " +
          ".getExternalCacheDirs .getObbDir .getObbDirs " +
          "getExternalFilesDir getExternalCacheDir getExternalMediaDirs getObbDir",
      ),
    ],
  },
  {
    id: "java/page-in-app",
    cwe: 749,
    title: "WebView exposes app methods or files",
    severity: "low",
    why: "A page in the WebView can use the app's methods or read its files.",
    fix: "Keep JavaScript and file access disabled, and show only your own pages",
    literals: words(
      "addJavascriptInterface setJavaScriptEnabled setAllow addWebMessageListener " +
        "GeolocationPermissions",
    ),
    match: [
      calls(".addJavascriptInterface", ({ args }) => args.length === 2),
      calls(
        ".setAllowFileAccess .setAllowFileAccessFromFileURLs " +
          ".setAllowUniversalAccessFromFileURLs .setAllowContentAccess",
        ({ args: [on] }) => is(on, true),
      ),
      calls(
        "GeolocationPermissions.Callback.invoke Callback.invoke callback.invoke",
        ({ args: [, on], here }) => {
          return is(on, true) && here.inside?.name === "onGeolocationPermissionsShowPrompt";
        },
      ),
    ],
  },
  {
    id: "java/scripts-in-app",
    cwe: 79,
    title: "JavaScript enabled in a WebView",
    severity: "low",
    why: "A script in a displayed page can use the app's permissions.",
    fix: "Call settings.setJavaScriptEnabled(false), unless all pages are your own",
    literals: ["setJavaScriptEnabled"],
    match: [calls(".setJavaScriptEnabled", ({ args: [on] }) => is(on, true))],
  },
  {
    id: "java/page-from-intent",
    cwe: 749,
    title: "WebView loads a URL from another app's intent",
    severity: "medium",
    why: "Another app can display any page or file with this app's permissions.",
    fix: "Check the URL's host against an allowlist",
    literals: ["loadUrl", "loadData", "evaluateJavascript"],
    match: [
      reaches(
        "url",
        2,
        ".loadUrl .loadData .loadDataWithBaseURL .evaluateJavascript .postUrl",
        [0, 1],
        ({ here }) => fileSays(here, /WebView/) && !aroundSays(here, /getHost\(\)/),
      ),
    ],
  },
  {
    id: "java/intent-passed-on",
    cwe: 940,
    title: "Intent redirection: intent from another app is forwarded",
    severity: "medium",
    why: "Another app can reach components of this app that are not exported.",
    fix: "Check intent.resolveActivity(...) against the allowed components",
    literals: ["getParcelableExtra", "parseUri", "getParcelable"],
    match: [
      calls(
        ".startActivity startActivity .startService " +
          "startService .sendBroadcast sendBroadcast .startActivityForResult " +
          "startActivityForResult .bindService bindService .setResult setResult",
        ({ args, here }) =>
          args.some(({ level }) => level === 2) &&
          fileSays(here, /getParcelable(Extra)?\(|parseUri\(/) &&
          !aroundSays(here, /resolveActivity\(|getComponent\(\)|getPackageName\(\)|\.equals\(/),
      ),
    ],
  },
  {
    id: "java/pending-intent-mutable",
    cwe: 927,
    title: "Mutable PendingIntent",
    severity: "medium",
    why: "The receiving app can fill in missing fields and run the intent with this app's permissions.",
    fix: "Use PendingIntent.FLAG_IMMUTABLE and an explicit intent",
    literals: ["PendingIntent"],
    match: [
      calls(
        "PendingIntent.getActivity PendingIntent.getService PendingIntent.getBroadcast PendingIntent.getActivities",
        ({ args: [, , intent, flags], here, start, end }) => {
          const call = here.text.slice(start, end).slice(0, 600);
          const made =
            intent?.made?.kind === "call" ? here.text.slice(intent.made.start, intent.made.end) : "";
          const isOpen = /^new Intent\(\s{0,3}("[^"]{0,100}"|[A-Z_.a-z]{0,60})?\s{0,3}\)$/.test(made);
          return (
            isOpen &&
            (is(flags, 0) || (!/IMMUTABLE/.test(call) && isA(flags, /FLAG_(MUTABLE|UPDATE_CURRENT)/)))
          );
        },
      ),
    ],
  },
  {
    id: "java/device-known",
    cwe: 359,
    title: "Permanent device identifier",
    severity: "low",
    why: "The identifier tracks a user across apps and cannot be reset.",
    fix: "Generate an ID with UUID.randomUUID() and store it in the app",
    literals: words(
      "getImei getMeid getDeviceId getSimSerialNumber getMacAddress ANDROID_ID android_id " +
        "getSubscriberId getLine1Number getAdvertisingIdInfo",
    ),
    match: [
      calls(
        ".getImei .getMeid .getSimSerialNumber " +
          ".getSubscriberId .getLine1Number TelephonyManager.getDeviceId WifiInfo.getMacAddress " +
          ".getAdvertisingIdInfo",
      ),
      calls("Secure.getString Settings.Secure.getString", ({ args: [, name] }) => {
        return isA(name, /ANDROID_ID$/) || says(name, /^android_id$/);
      }),
    ],
  },
  {
    id: "java/biometric-without-key",
    cwe: 287,
    title: "Biometric prompt not bound to a key",
    severity: "low",
    why: "On a compromised device, an attacker can fake a successful result.",
    fix: "Call prompt.authenticate(info, new BiometricPrompt.CryptoObject(cipher))",
    literals: ["BiometricPrompt", "FingerprintManager"],
    match: [
      calls("BiometricPrompt.authenticate", ({ args }) => {
        return args.length === 1 || (args.length === 3 && !args.some((one) => isA(one, /CryptoObject/)));
      }),
      calls("FingerprintManager.authenticate FingerprintManagerCompat.authenticate", ({ args: [key] }) =>
        is(key, null),
      ),
    ],
  },
];
