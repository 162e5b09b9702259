/** @file Rules for messaging: chat, mail, telephony, social networks. */

import { lot } from "../alphabet.ts";
import { isPlaceholder } from "../placeholder.ts";
import { decodeBase64 } from "../proofs.ts";
import { assigned, reader, type SecretRule, type Span, token } from "../rule.ts";

const discordToken = `${btoa("918273645546372819")}.Gh8kQz.${lot(38)}`;

/** A Discord token, whose first part is the account number in base64. */
function readDiscordToken(text: string, { end }: Span): Span | null {
  const found = /(?<![\w-])([MNO][\w-]{22,27})\.[\w-]{6}\.([\w-]{27,38})(?![\w-])/.exec(
    text.slice(end, end + 110),
  );
  const [token = "", account = "", lots = ""] = found ?? [];
  if (found === null || !/^\d{17,20}$/.test(decodeBase64(account)) || isPlaceholder(lots, 3)) return null;
  return { start: end + found.index, end: end + found.index + token.length };
}

/** Chat, mail, telephony, social networks. */
export const messagingRules: readonly SecretRule[] = [
  token(
    "slack-workspace",
    "Slack workspace token",
    "xoxa-2-<digit:10-13>-<digit:10-13>-<digit:10-13>-<hex:32>",
  ),
  token("slack-refresh", "Slack refresh token", "xoxe-1-<base62:140-170>"),
  token("slack-config", "Slack app configuration token", "xoxe.xoxp-1-<base62:160-170>"),
  token(
    "slack-cookie",
    "Slack session cookie token",
    "xoxc-<digit:10-13>-<digit:10-13>-<digit:10-13>-<hex:64>",
  ),
  token("telegram", "Telegram bot token", "<digit:8-10>:AA<base64url:33>"),
  reader(
    "discord-bot",
    "Discord bot token",
    ["discord", "token", "login(", ".run(", "bot "],
    readDiscordToken,
    {
      cases: () => [
        `DISCORD_TOKEN=${discordToken}`,
        `client.login("${discordToken}");`,
        `bot.run('${discordToken}')`,
        `Authorization: Bot ${discordToken}`,
      ],
      lookAlikes: () => [
        "token: MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.xxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "token = Module.of.things",
      ],
    },
  ),
  token("twilio-key", "Twilio API key id", "SK<hex:32>"),
  assigned("twilio-auth", "Twilio auth token", "twilio", "<hex:32>"),
  assigned("vonage", "Vonage or Nexmo API secret", "vonage|nexmo", "<base62:16>"),
  assigned("plivo", "Plivo auth token", "plivo", "<base62:40>"),
  token("mailgun", "Mailgun private API key", "key-<hex:32>"),
  assigned("mailgun-new", "Mailgun API key, new form", "mailgun|mg_api", "<hex:32>-<hex:8>-<hex:8>"),
  token("mailchimp", "Mailchimp API key", "<hex:32>-us<digit:1-2>"),
  token("mandrill", "Mailchimp Transactional API key", "md-<base64url:22>"),
  token("brevo-smtp", "Brevo SMTP key", "xsmtpsib-<hex:64>-<base62:16>"),
  assigned("postmark", "Postmark server token", "postmark", "<uuid>"),
  token("resend", "Resend API key", "re_<base62:8>_<base62:24>"),
  assigned("mailjet", "Mailjet API secret", "mailjet", "<hex:32>"),
  assigned("sparkpost", "SparkPost API key", "sparkpost", "<hex:40>"),
  assigned("intercom", "Intercom access token", "intercom", "dG9rO<base64:53-54>="),
  token("facebook", "Facebook access token", "EAA<base62:100-300>"),
  assigned("facebook-secret", "Facebook app secret", "facebook|fb_app|fb_secret|meta_app", "<hex:32>"),
  token("instagram", "Instagram access token", "IGQV<base64url:100-300>"),
  token("twitter-bearer", "X (Twitter) bearer token", "AAAAAAAAAAAAAAAAAAAAA<base64:20-40>%<base62:30-120>"),
  assigned("twitter-key", "X (Twitter) consumer secret", "twitter|consumer_secret", "<base62:50>"),
  assigned("twitter-access", "X (Twitter) access token secret", "twitter|access_token_secret", "<base62:45>"),
  token("linkedin-new", "LinkedIn client secret, prefixed", "WPL_AP1.<base62:16>.<base64:6>=="),
  assigned("reddit", "Reddit client secret", "reddit", "<base64url:27-30>"),
  token("twitch-oauth", "Twitch chat token", "oauth:<lower36:30>"),
  assigned("spotify", "Spotify client secret", "spotify", "<hex:32>"),
  assigned("line", "LINE channel secret", "line_channel|channel_secret", "<hex:32>"),
  assigned("zoom", "Zoom client secret", "zoom", "<base62:32>"),
  assigned("onesignal", "OneSignal REST API key", "onesignal", "<base62:48>"),
  token("onesignal-app", "OneSignal app API key", "os_v2_app_<lower36:103>"),
  assigned("pusher", "Pusher app secret", "pusher", "<hex:20>"),
  assigned("ably", "Ably API key", "ably", "<base62:6>.<base62:6>:<base64url:43>"),
  token("beamer", "Beamer API token", "b_<base64url:44>"),
  token("knock", "Knock secret key", "sk_prod_<base64url:43>"),
  assigned("wechat", "WeChat app secret", "wechat|weixin", "<lower36:32>"),
];
