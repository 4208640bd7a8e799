/**
 * Says a message in the language of its channel: from the facts that it holds, not from its English
 * sentences, so that a message that was made before a channel spoke otherwise, or is tried again, is
 * said the same way. Ids, names, labels and reasons stay as they are; details of single checks that
 * exist in English alone are left out, the packet capture has them. Pure.
 */
import type {
  AlertCertificate,
  AlertMessage,
  AlertRegion,
  AlertStep,
  GroupedAlert,
} from "../../../../shared/alert/alert-message.ts";
import type { Labels } from "../../../../shared/alert/words.ts";
import type { CountedVote } from "../../../../shared/monitor/verdict.ts";
import type { Reason, Status } from "../../../../shared/probe/reason.ts";
import { isReason } from "../../../../shared/probe/reason.ts";
import { fill } from "../../pages/language/words.ts";
import { renderEvidence, statusWords } from "../../pages/view-model/evidence.ts";
import type { AlertLanguage } from "./languages.ts";

/** Most alerts of a group that its text names, and incidents of an absence. */
const NAMED_MAX = { alerts: 3, ended: 20 } as const;

/** What a message and one of several in a message have in common. */
type Told = Pick<
  AlertMessage,
  "about" | "region" | "alert" | "reminder" | "unheard" | "title" | "text" | "monitor" | "incident"
> &
  Pick<AlertMessage, "seen" | "reason" | "cause" | "diagnosis"> &
  Partial<Pick<AlertMessage, "certificate" | "regions" | "ended">>;

/** Says a message in a language. */
export function translateMessage(
  message: AlertMessage,
  language: AlertLanguage,
  channel: { name: string },
): AlertMessage {
  const { words } = language;
  const alerts = message.alerts?.map((each) => ({ ...each, ...sayTold(each, language) }));
  const said = {
    ...message,
    ...(alerts === undefined ? sayTold(message, language) : sayGroup(message, alerts, language)),
    ...(alerts === undefined ? {} : { alerts }),
    ...(message.meaning === undefined
      ? {}
      : { meaning: words.reason(reasonOf(message.reason)) ?? message.meaning }),
    regions: message.regions.map((region) => sayRegion(region, language)),
    ...(message.timeline === undefined
      ? {}
      : { timeline: message.timeline.map((step) => sayStep(step, language)) }),
  };
  return message.alert === "test" ? sayTest(said, language, channel) : said;
}

/** What stands beside the facts of a message in a language. */
export function translateLabels({ words, catalogue }: AlertLanguage): Labels {
  const { labels, severities } = catalogue;
  return {
    "label.monitor": () => labels.monitor,
    "label.severity": () => labels.severity,
    "label.since": () => labels.since,
    "label.until": () => labels.until,
    "label.duration": () => labels.duration,
    "label.reason": () => labels.reason,
    "label.meaning": () => labels.meaning,
    "label.cause": () => labels.cause,
    "label.certificate": () => labels.certificate,
    "label.timeline": () => labels.timeline,
    "label.diagnosis": () => labels.diagnosis,
    "link.incident": () => labels.incident,
    "link.page": () => labels.page,
    "link.evidence": () => labels.evidence,
    "list.more": ({ more }) => words.count(more, labels.more),
    "region.uncounted": () => labels.uncounted,
    certificate: ({ daysLeft, ...facts }) =>
      daysLeft < 0 ? fill(labels.expired, facts) : words.count(daysLeft, labels.valid, facts),
    sentBy: ({ time }) => `Echoquorum, ${time}`,
    severity: ({ severity }) => severities[severity],
    status: ({ status }) => words.t.statuses[status as Status],
    duration: ({ seconds }) => words.duration(seconds * 1_000),
  };
}

/** Title and text, and what explains them. */
function sayTold(told: Told, language: AlertLanguage) {
  const { words, catalogue } = language;
  const reason = reasonOf(told.reason);
  const { diagnosis } = told;
  const said = told.about === undefined ? sayIncident(told, language) : sayFact(told, language);
  return {
    ...said,
    cause: reason === null ? null : catalogue.causes[reason],
    ...(diagnosis === undefined
      ? {}
      : { diagnosis: { ...diagnosis, text: words.t.companion[diagnosis.case] } }),
  };
}

/** Of an incident. */
function sayIncident(told: Told, language: AlertLanguage): Pick<AlertMessage, "title" | "text"> {
  const { words, catalogue } = language;
  const { titles, texts } = catalogue;
  const { alert, incident, monitor, seen, reminder, unheard } = told;
  if (incident === null || monitor === null) return { title: told.title, text: told.text };
  const name = words.name(monitor.name);
  const quorum = sayQuorum(told, language);
  const { kind, startedAt, endedAt, durationSeconds } = incident;
  if (alert === "resolved") {
    const duration = words.duration((durationSeconds ?? 0) * 1_000);
    const past = fill(words.t.incident.past[kind], { name });
    const [from, to] = [startedAt, endedAt ?? startedAt].map((time) =>
      words.moment(Date.parse(time), "instant"),
    );
    return {
      title: unheard
        ? fill(titles.unheard, { past, duration })
        : fill(titles.recovered, { name, duration }),
      text: fill(texts.recovered, { quorum, duration, from: from ?? "", to: to ?? "" }).trim(),
    };
  }
  const state = fill(words.t.incident.present[kind], { name });
  const some = { title: state, some: words.number(seen?.bad ?? 0) };
  const title = seen === undefined ? state : words.count(seen.counted, titles.seen, some);
  const known = reminder ? titles.still : alert === "changed" ? titles.now : "{title}";
  return { title: fill(known, { title }), text: quorum };
}

/** Of a fact that is no incident; how it ended does not matter where that is not known. */
function sayFact(told: Told, { words, catalogue }: AlertLanguage) {
  const { titles, texts } = catalogue;
  const { about, monitor, region, ended = [], certificate } = told;
  const over = told.alert === "resolved";
  const name = { name: monitor === null ? "" : words.name(monitor.name) };
  const place = { place: region === undefined ? "" : words.place(region) };
  switch (about) {
    case "monitoring":
      return over
        ? { title: titles.blindOver, text: texts.blindOver }
        : { title: titles.blind, text: texts.blind };
    case "unknown":
      return over
        ? { title: fill(titles.unknownOver, name), text: texts.unknownOver }
        : { title: fill(titles.unknown, name), text: texts.unknown };
    case "region":
      return over
        ? { title: fill(titles.regionOver, place), text: texts.regionOver }
        : { title: fill(titles.region, place), text: texts.region };
    case "certificate":
      return sayCertificate(certificate, name, over, { words, catalogue });
    default: {
      const named = ended.slice(0, NAMED_MAX.ended).map(({ monitor: each, kind, ...times }) => {
        const fromMs = Date.parse(times.startedAt);
        const lasted = words.duration(Date.parse(times.endedAt) - fromMs);
        const facts = [words.t.tones[kind], words.moment(fromMs, "instant"), lasted];
        return `${words.name(each.name)}: ${words.enumerate(facts)}`;
      });
      const left = ended.length - named.length;
      const rest = left > 0 ? [words.count(left, catalogue.labels.more)] : [];
      const title = words.count(ended.length, titles.history);
      return { title, text: [texts.history, ...named, ...rest].join("\n") };
    }
  }
}

function sayCertificate(
  certificate: AlertCertificate | undefined,
  name: { name: string },
  over: boolean,
  language: AlertLanguage,
) {
  const { words, catalogue } = language;
  const { titles } = catalogue;
  const daysLeft = certificate?.daysLeft ?? 0;
  const title = over
    ? fill(titles.certificateOver, name)
    : daysLeft < 0
      ? fill(titles.expired, name)
      : words.count(Math.max(1, daysLeft), titles.expires, name);
  if (certificate === undefined) return { title, text: title };
  const { subject, issuer, notAfter } = certificate;
  const facts = { subject, issuer, until: words.moment(Date.parse(notAfter), "day"), daysLeft };
  return { title, text: translateLabels(language).certificate(facts) };
}

/** Of several alerts: how many, and the first of them. */
function sayGroup(
  { alerts: unsaid = [], moreAlerts = 0 }: AlertMessage,
  alerts: readonly GroupedAlert[],
  { words, catalogue }: AlertLanguage,
) {
  const { titles, texts } = catalogue;
  const bad = unsaid.filter(({ alert }) => alert !== "resolved");
  const over = unsaid.length - bad.length;
  // Those that are left out are the mildest: what is over, if any of it is.
  const [badMore, overMore] = over > 0 ? [0, moreAlerts] : [moreAlerts, 0];
  const both = {
    alerts: words.count(bad.length + badMore, titles.alerts),
    resolved: words.count(over + overMore, titles.resolved),
  };
  const title =
    bad.length === 0 ? both.resolved : over === 0 ? both.alerts : fill(titles.both, both);
  const down = bad.filter(({ incident }) => incident?.kind === "down").length;
  const named = alerts.slice(0, NAMED_MAX.alerts);
  const listed = named.map((each) => each.title).join("; ");
  const more = alerts.length + moreAlerts - named.length;
  const rest = more === 0 ? listed : words.count(more, texts.others, { titles: listed });
  return { title, text: down === 0 ? rest : `${words.count(down, texts.down)} ${rest}` };
}

function sayTest(
  said: AlertMessage,
  { catalogue }: AlertLanguage,
  { name: channel }: { name: string },
): AlertMessage {
  const { titles, texts } = catalogue;
  const title = fill(titles.test, { title: said.title });
  return { ...said, title, text: fill(texts.test, { channel, quorum: said.text }) };
}

/** The quorum in words: from each region's vote, else from how many see it. */
function sayQuorum(told: Told, { words }: AlertLanguage): string {
  const { alert, incident, regions = [], seen } = told;
  const reason = reasonOf(told.reason);
  const kind = alert === "resolved" || incident === null ? "operational" : incident.kind;
  if (regions.length > 0) return renderEvidence(kind, reason, regions.map(voteOf), words).sentence;
  const because = words.reason(reason);
  if (kind === "operational" || seen === undefined) return because ?? "";
  const t = words.t.evidence;
  const some = { some: words.number(seen.bad) };
  const counted = kind === "degraded" ? t.seeDegraded : t.cannotUse;
  const fact = kind === "partial" ? t.someCannotUse : words.count(seen.counted, counted, some);
  return because === null ? fill(t.fact, { fact }) : fill(t.because, { fact, reason: because });
}

function voteOf({ region, colo = null, status, reason, counted }: AlertRegion): CountedVote {
  return {
    region,
    colo,
    status: status as Status,
    reason: reasonOf(reason),
    message: "",
    atMs: null,
    failingSinceMs: null,
    counted: counted === false ? "stale" : "counted",
  };
}

function sayRegion(region: AlertRegion, { words }: AlertLanguage): AlertRegion {
  const status = region.status as Status;
  const reason = reasonOf(region.reason);
  const message = status === "up" ? "" : statusWords(status, reason, words);
  return { ...region, label: words.place(region.region), message };
}

function sayStep(step: AlertStep, { words }: AlertLanguage): AlertStep {
  const { incident: t, tones } = words.t;
  const because = words.reason(reasonOf(step.reason ?? null));
  const tone = tones[step.to ?? "unknown"];
  switch (step.kind) {
    case undefined:
      return step;
    case "incident_opened":
      return { ...step, text: explained(fill(t.opened, { tone }), because, words) };
    case "incident_resolved":
      return { ...step, text: t.resolved };
    case "incident_acknowledged":
      return { ...step, text: t.acknowledged };
    default:
      return { ...step, text: explained(tone, because, words) };
  }
}

function explained(fact: string, reason: string | null, { t }: AlertLanguage["words"]): string {
  return reason === null ? fact : fill(t.evidence.because, { fact, reason });
}

function reasonOf(reason: string | null): Reason | null {
  return reason !== null && isReason(reason) ? reason : null;
}
