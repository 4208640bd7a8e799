/** Alerts in each language: complete, of the same facts, and nothing of English left in them. */
import { describe, expect, it } from "vitest";
import type { Advisory } from "../../../../../shared/alert/advisory.ts";
import type { AlertMessage } from "../../../../../shared/alert/alert-message.ts";
import { renderGroupMessage } from "../../../../../shared/alert/group-message.ts";
import { renderAdvisory } from "../../../../../shared/alert/message.ts";
import { sampleMessages } from "../../../../../shared/alert/sample-message.ts";
import { ENGLISH_LABELS } from "../../../../../shared/alert/words.ts";
import { INCIDENT_KINDS } from "../../../../../shared/monitor/verdict.ts";
import { REASONS } from "../../../../../shared/probe/reason.ts";
import {
  ALERT_LANGUAGES,
  alertLanguage,
} from "../../../../../workers/coordinator/channels/language/languages.ts";
import {
  translateLabels,
  translateMessage,
} from "../../../../../workers/coordinator/channels/language/translation.ts";
import {
  renderSlackMessage,
  renderSlackReply,
} from "../../../../../workers/coordinator/channels/slack-message.ts";
import {
  renderPayload,
  webhookPayloadSchema,
} from "../../../../../workers/coordinator/channels/webhook-payload.ts";
import { incomingWebhookSchema } from "../../../../../workers/local/vendors/slack-schema.ts";
import { OUTAGE_AT_MS } from "../../../../support/alert-facts.ts";

const OTHERS = ALERT_LANGUAGES.filter((tag) => tag !== "en");
const CHANNEL = { name: "Pager" };
/** Of a name: what is written in English by others stays so. */
const NAME = "Kanal 7";

function languageOf(tag: string) {
  const language = alertLanguage(tag);
  if (language === null) throw new Error(`there is no ${tag}`);
  return language;
}

const translate = (message: AlertMessage, tag: string) =>
  translateMessage(message, languageOf(tag), CHANNEL);

const monitor = { id: "kanal", name: NAME, group: null };

function advisory(about: Advisory["about"], over: boolean, more: Partial<Advisory> = {}) {
  const fact: Advisory = {
    subject: `${about}-1`,
    step: 1,
    about,
    over,
    severity: "critical",
    title: "Something is told in English",
    text: "And the text of it is in English.",
    reason: null,
    monitor:
      about === "certificate" || about === "unknown"
        ? { ...monitor, severity: "critical", notify: null, labels: {} }
        : null,
    ...more,
  };
  const facts = {
    alert: over ? "resolved" : "fired",
    severity: "critical",
    publicUrl: null,
  } as const;
  return renderAdvisory(fact, facts, OUTAGE_AT_MS);
}

const certificate = (days: number) => ({
  subject: "CN=kanal.example",
  issuer: "CN=Example CA",
  notAfterMs: OUTAGE_AT_MS + days * 86_400_000,
});

/** Every kind of message that there is. */
function everything(): AlertMessage[] {
  const samples = sampleMessages(OUTAGE_AT_MS).map((message): AlertMessage => {
    if (message.alerts !== undefined || message.about !== undefined) return message;
    return { ...message, monitor };
  });
  const [fired, , resolved] = samples;
  if (fired?.incident == null || resolved === undefined) throw new Error("there are samples");
  const { incident } = fired;
  const variants = INCIDENT_KINDS.flatMap((kind): AlertMessage[] => [
    { ...fired, incident: { ...incident, kind } },
    { ...fired, alert: "changed", incident: { ...incident, kind } },
    { ...fired, alert: "changed", reminder: true, incident: { ...incident, kind }, regions: [] },
    { ...resolved, unheard: true, incident: { ...(resolved.incident ?? incident), kind } },
  ]);
  const facts = [
    ...[false, true].flatMap((over) => [
      advisory("monitoring", over),
      advisory("unknown", over),
      advisory("region", over, { region: "eu-central" }),
      ...[-1, 0, 1, 2, 14].map((days) =>
        advisory("certificate", over, {
          certificate: certificate(days),
          reason: "certificate_expiring",
        }),
      ),
    ]),
    advisory("history", false, {
      ended: Array.from({ length: 25 }, (_, at) => ({
        id: `kanal-${at}`,
        monitor: { id: monitor.id, name: NAME },
        kind: "down",
        startedAt: new Date(OUTAGE_AT_MS).toISOString(),
        endedAt: new Date(OUTAGE_AT_MS + 90_000).toISOString(),
      })),
    }),
  ];
  const about = { publicUrl: "https://status.example.com", nowMs: OUTAGE_AT_MS };
  const singles = [...variants, ...facts];
  return [
    ...samples.filter(({ alerts }) => alerts === undefined),
    ...singles,
    renderGroupMessage(singles, about),
    renderGroupMessage([resolved, { ...resolved, unheard: true }], about),
  ];
}

/** All that people read of a message, without ids, names, reasons and what servers say. */
function readable(message: AlertMessage, tag: string): string {
  const { blocks, text } = renderSlackMessage(message, translateLabels(languageOf(tag)));
  const reply = renderSlackReply(message, translateLabels(languageOf(tag)));
  const { data } = renderPayload("x", message);
  return JSON.stringify([blocks, text, reply, data.alerts?.map((each) => [each.title, each.text])])
    .replaceAll(/https?:[^|>"\\]*/g, "")
    .replaceAll(/`[a-z_]+`|<!date[^>]*>|CN=[^,،、，\\"]*/g, "")
    .replaceAll(NAME, "")
    .replaceAll(CHANNEL.name, "");
}

const SENTENCES = new Set(["title", "text", "meaning", "cause", "label", "message"]);

/** A message without its sentences. */
function factsOf(message: AlertMessage): unknown {
  return JSON.parse(
    JSON.stringify(message, (key, value: unknown) => (SENTENCES.has(key) ? undefined : value)),
  );
}

const ENGLISH_WORDS =
  /\b(the|and|not|with|from|is|are|was|has|have|since|down|failing|degraded|recovered|region|regions|severity|reason|cause|open|critical|warning|issued|valid|until|days?|alerts?|more|monitor)\b/i;

describe.each(OTHERS)("an alert in %s", (tag) => {
  it("leaves no English behind, and no placeholder", () => {
    for (const message of everything()) {
      const text = readable(translate(message, tag), tag);
      // Words that other languages have too.
      const own = { fr: /\b(alertes?|cause)\b/gi, de: /\b(was|alarm|region)\b/gi }[tag];
      expect(text.replaceAll(own ?? /$^/g, "").match(ENGLISH_WORDS)?.[0]).toBeUndefined();
      expect(text).not.toMatch(/\{(name|title|n|some|past|duration|quorum|channel|place)\}/);
    }
  });

  it("keeps every fact: only sentences are said otherwise", () => {
    for (const message of everything()) {
      const said = translate(message, tag);
      expect(factsOf(said)).toEqual(factsOf(message));
      webhookPayloadSchema.parse(renderPayload("x", said));
    }
  });

  it("is within Slack's limits, however many alerts it has", () => {
    const [fired] = everything();
    if (fired === undefined) throw new Error("there are samples");
    const many = Array.from({ length: 500 }, () => fired);
    const about = { publicUrl: "https://status.example.com", nowMs: OUTAGE_AT_MS };
    const labels = translateLabels(languageOf(tag));
    for (const message of [...everything(), renderGroupMessage(many, about)]) {
      incomingWebhookSchema.parse(renderSlackMessage(translate(message, tag), labels));
      incomingWebhookSchema.parse(renderSlackReply(translate(message, tag), labels));
    }
  });

  it("knows a cause for each reason, and another than for others of its phase", () => {
    const { causes } = languageOf(tag).catalogue;
    expect(Object.keys(causes).sort()).toEqual(Object.keys(REASONS).sort());
    for (const [reason, cause] of Object.entries(causes)) {
      expect(cause, reason).toMatch(/[.。]$/);
      expect(cause, reason).not.toBe(REASONS[reason as keyof typeof REASONS].cause);
    }
  });

  it("labels everything that English labels", () => {
    expect(Object.keys(translateLabels(languageOf(tag))).sort()).toEqual(
      Object.keys(ENGLISH_LABELS).sort(),
    );
  });
});

describe("what an alert says", () => {
  const samples = sampleMessages(OUTAGE_AT_MS);
  const find = (alert: AlertMessage["alert"]) => {
    const found = samples.find((message) => message.alert === alert);
    if (found === undefined) throw new Error(`there is no ${alert}`);
    return found;
  };

  it.each([
    ["de", "Sample chat ist ausgefallen (3 von 4 Regionen)"],
    ["fr", "Sample chat est en panne (3 régions sur 4)"],
    ["es", "Sample chat está caído (3 de 4 regiones)"],
    ["pt", "Sample chat está fora do ar (3 de 4 regiões)"],
    ["ja", "Sample chat は停止しています（4 地域中 3 地域）"],
    ["zh", "Sample chat 已中断（4 个区域中的 3 个）"],
    ["ar", "\u2068Sample chat\u2069: متوقف (المناطق: 3 من 4)"],
  ])("of an outage in %s", (tag, title) => {
    expect(translate(find("fired"), tag).title).toBe(title);
  });

  it("of an outage, its end and a test in German", () => {
    expect(translate(find("fired"), "de").text).toBe(
      "3 von 4 Regionen können den Dienst nicht nutzen: " +
        "Der Server hat das Upgrade als überlastet oder nicht verfügbar abgelehnt.",
    );
    const resolved = translate(find("resolved"), "de");
    expect(resolved.title).toBe("Sample chat funktioniert nach 4 min wieder");
    expect(resolved.text).toMatch(
      /^4 von 4 Regionen können den Dienst nutzen\. Dauer: 4 min, 20\. Nov\., \d\d:\d\d:\d\d UTC bis /,
    );
    expect(resolved.timeline?.map(({ text }) => text)).toEqual([
      "Vom Quorum bestätigt: Ausgefallen: " +
        "Der Server hat das Upgrade als überlastet oder nicht verfügbar abgelehnt.",
      "Behoben",
    ]);
    expect(translate(find("test"), "de")).toMatchObject({
      title: "[Test] Sample chat ist ausgefallen (3 von 4 Regionen)",
      text: expect.stringMatching(/^Dies ist ein Test des Kanals Pager: nichts ist gestört\./),
    });
  });

  it("of several, and in whose number and order", () => {
    const group = renderGroupMessage([find("resolved"), find("fired"), find("fired")], {
      publicUrl: null,
      nowMs: OUTAGE_AT_MS,
    });
    expect(translate(group, "de")).toMatchObject({
      title: "2 Alarme, 1 Alarm beendet",
      text: expect.stringMatching(/^2 Dienste ausgefallen\. Sample chat ist ausgefallen \(3 von 4/),
    });
  });

  it("of what an earlier release made, as far as it is known", () => {
    const { seen: _seen, timeline, ...old } = find("resolved");
    const steps = (timeline ?? []).map(({ at, text }) => ({ at, text }));
    const said = translate({ ...old, timeline: steps }, "de");
    expect(said.timeline).toEqual(steps);
    expect(said.title).toBe("Sample chat funktioniert nach 4 min wieder");
  });

  it("takes a name for a name, whatever it looks like", () => {
    const named = { ...find("fired"), monitor: { id: "x", name: "{title} {n}", group: null } };
    expect(translate(named, "de").title).toBe("{title} {n} ist ausgefallen (3 von 4 Regionen)");
  });
});
