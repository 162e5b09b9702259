/** @file Rules for webhook URLs, which let anyone who knows them post messages. */
import { type SecretRule, token } from "../rule.ts";

const hook = { kind: "WEBHOOK" } as const;

/** URLs that contain their own key. The scheme is omitted, since it is not always written. */
export const webhookRules: readonly SecretRule[] = [
  token(
    "slack-workflow",
    "Slack workflow webhook",
    "hooks.slack.com/workflows/T<upper36:8-12>/A<upper36:8-12>/<digit:17-19>/<base62:23-25>",
    hook,
  ),
  token(
    "slack-trigger",
    "Slack workflow trigger",
    "hooks.slack.com/triggers/T<upper36:8-12>/<digit:10-14>/<hex:32>",
    hook,
  ),
  token(
    "discord-webhook",
    "Discord webhook",
    "discord.com/api/webhooks/<digit:17-20>/<base64url:60-72>",
    hook,
  ),
  token(
    "discord-webhook-old",
    "Discord webhook, old address",
    "discordapp.com/api/webhooks/<digit:17-20>/<base64url:60-72>",
    hook,
  ),
  token(
    "teams-webhook",
    "Microsoft Teams webhook",
    ".webhook.office.com/webhookb2/<uuid>@<uuid>/IncomingWebhook/<hex:32>/<uuid>",
    hook,
  ),
  token(
    "google-chat-webhook",
    "Google Chat webhook",
    "chat.googleapis.com/v1/spaces/<base64url:8-16>/messages?key=AIza<base64url:35>&token=<base64url:40-64>",
    hook,
  ),
  token("zapier-webhook", "Zapier webhook", "hooks.zapier.com/hooks/catch/<digit:5-9>/<lower36:6-9>", hook),
  token(
    "ifttt-webhook",
    "IFTTT webhook",
    "maker.ifttt.com/trigger/<base64url:1-60>/with/key/<base64url:22-50>",
    hook,
  ),
  token("pipedream-webhook", "Pipedream endpoint", ".m.pipedream.net/<base62:10-40>", {
    ...hook,
    severity: "warning",
  }),
  token("feishu-webhook", "Feishu or Lark webhook", "open.feishu.cn/open-apis/bot/v2/hook/<uuid>", hook),
  token("wecom-webhook", "WeCom webhook", "qyapi.weixin.qq.com/cgi-bin/webhook/send?key=<uuid>", hook),
  token("dingtalk-webhook", "DingTalk webhook", "oapi.dingtalk.com/robot/send?access_token=<hex:64>", hook),
  token("telegram-address", "Telegram bot address", "api.telegram.org/bot<digit:8-10>:AA<base64url:33>", {
    kind: "API_KEY",
  }),
  token(
    "airtable-webhook",
    "Airtable automation webhook",
    "hooks.airtable.com/workflows/v1/genericWebhook/app<base62:14>/wfl<base62:14>/wtr<base62:14>",
    hook,
  ),
  token("make-webhook", "Make (Integromat) webhook", "hook.eu1.make.com/<lower36:32>", hook),
];
