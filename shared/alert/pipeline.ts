/**
 * The pipeline: what every channel is told now, and why. Each subject goes through the stages for
 * each channel, in this order: tier, maintenance, silence, inhibition, route, deduplication, grouping.
 *
 * All of it follows from what is stored and the moment, so it may be asked again at any time: with
 * nothing new, nothing comes of it. The end of what a channel has heard of passes every stage that
 * could mute it. Pure.
 */
import { composeDelivery } from "./composition.ts";
import type { NewsItem } from "./composition.ts";
import type { Delivery } from "./delivery.ts";
import type { Decision, DecisionStep, Stage } from "./decision.ts";
import { decideNews } from "./deduplication.ts";
import type { AlertGroup, LaneName } from "./grouping.ts";
import { decideWait, emptyGroup, enterLane, flushLane, groupKey, leaveLane } from "./grouping.ts";
import { isIdle, isTellingApart } from "./grouping.ts";
import type { Inhibitor, OpenAlert } from "./inhibition.ts";
import { decideInhibition, findInhibitors } from "./inhibition.ts";
import { findMergeable, mergeDelivery } from "./merge.ts";
import type { AlertPolicy } from "./policy.ts";
import { milliseconds } from "./policy.ts";
import type { Grouping, RouteDecision } from "./route.ts";
import { decideRoutes, defaultGrouping } from "./route.ts";
import type { Silence } from "./silence.ts";
import { decideSilence } from "./silence.ts";
import type { AlertSubject, Telling } from "./subject.ts";
import { UNTOLD, attributesOf } from "./subject.ts";
import { decideTier } from "./tier.ts";

/** Longest that a group is remembered without news, in milliseconds: the longest interval. */
const GROUP_KEPT_MS = 3_600_000;

/** What the pipeline goes by. */
export interface PipelineInput {
  policy: AlertPolicy;
  silences: readonly Silence[];
  /** All channels that exist. */
  channels: ReadonlyArray<{ id: string }>;
  /** All subjects that are not over. */
  subjects: ReadonlyMap<string, AlertSubject>;
  groups: ReadonlyMap<string, AlertGroup>;
  /** Monitors under announced maintenance: nothing is told of them but ends. */
  maintained: ReadonlySet<string>;
  /** Deliveries that have not arrived yet, by id. */
  outbox: ReadonlyMap<string, Delivery>;
  /** Subjects to look at; null: all, as time passes. */
  only: ReadonlySet<string> | null;
  publicUrl: string | null;
  nowMs: number;
}

/** What comes of a pass. */
export interface PipelineStep {
  /** Those that changed; null: over, and nobody need be told any more. */
  subjects: Map<string, AlertSubject | null>;
  /** Those that changed; null: nothing need be remembered. */
  groups: Map<string, AlertGroup | null>;
  /** New ones, and old ones that others take the place of. */
  deliveries: Delivery[];
  decisions: Decision[];
}

/** A subject's way through the stages for one channel. */
interface Passage {
  subject: AlertSubject;
  channel: string;
  telling: Telling;
  item: NewsItem | null;
  lane: LaneName;
  group: string;
  grouping: Grouping;
  steps: DecisionStep[];
}

/** Advances everything that may be told. */
export function advanceAlerts(input: PipelineInput): PipelineStep {
  return new Pass(input).run();
}

/** One pass; what it changes collects here. */
class Pass {
  readonly #input: PipelineInput;
  readonly #step: PipelineStep = {
    subjects: new Map(),
    groups: new Map(),
    deliveries: [],
    decisions: [],
  };
  readonly #inhibitors: readonly Inhibitor[];

  constructor(input: PipelineInput) {
    this.#input = input;
    const open = [...input.subjects.values()]
      .filter(({ endedAtMs }) => endedAtMs === null)
      .map((subject) => openAlert(subject, input.policy));
    this.#inhibitors = findInhibitors(open, input.policy.inhibitions);
  }

  run(): PipelineStep {
    const { subjects, only } = this.#input;
    const lanes = new Map<string, Passage[]>();
    for (const subject of subjects.values()) {
      if (only !== null && !only.has(subject.id)) continue;
      for (const passage of this.#passagesOf(subject)) {
        if (passage.item === null) {
          this.#settle(passage, null);
          continue;
        }
        const name = `${passage.lane}/${passage.group}`;
        lanes.set(name, [...(lanes.get(name) ?? []), passage]);
      }
    }
    for (const passages of lanes.values()) this.#advanceLane(passages);
    if (only === null) this.#tidyGroups(lanes);
    for (const subject of subjects.values()) {
      if (only === null || only.has(subject.id)) this.#close(subject.id);
    }
    return this.#step;
  }

  #passagesOf(subject: AlertSubject): Passage[] {
    const { policy, channels, nowMs } = this.#input;
    const alert = openAlert(subject, policy);
    const routes = decideRoutes(alert.attributes, policy, nowMs);
    return channels.map(({ id }) => this.#pass(alert, id, routes(id)));
  }

  /** Sends one subject through the stages for one channel. */
  #pass(alert: OpenAlert, channel: string, route: RouteDecision): Passage {
    const { policy, nowMs } = this.#input;
    const { subject } = alert;
    const telling = subject.tellings[channel] ?? UNTOLD;
    const heard = telling.deliveries.length > 0;
    const grouping = route.grouping ?? defaultGrouping(policy);
    const passage: Passage = {
      subject,
      channel,
      telling,
      item: null,
      lane: subject.endedAtMs === null ? "news" : "ends",
      group: groupKey(channel, grouping, alert.attributes),
      grouping,
      steps: [],
    };
    const isEndOfHeard = subject.endedAtMs !== null && heard;
    if (!isEndOfHeard && this.#isMuted(alert, channel, route, passage)) return passage;
    const patience = {
      easeAfterMs: milliseconds(policy.easeAfter),
      repeatIntervalMs: grouping.repeatIntervalMs,
    };
    const news = decideNews(subject, telling, patience, nowMs);
    passage.steps.push({ stage: "deduplication", passed: news.alert !== null, why: news.why });
    if (news.alert === null) return passage;
    passage.item = {
      subject,
      alert: news.alert,
      severity: decideTier(subject, policy.tiers).severity,
      repeat: news.repeat ? telling.reminders + 1 : null,
      unheard: news.alert === "resolved" && !heard,
    };
    return passage;
  }

  /** Whether a stage keeps the subject from the channel; each stage says why or why not. */
  #isMuted(alert: OpenAlert, channel: string, route: RouteDecision, { steps, telling }: Passage) {
    const { policy, silences, maintained, nowMs } = this.#input;
    const { subject, attributes } = alert;
    const enter = (stage: Stage, passed: boolean, why: string) => {
      steps.push({ stage, passed, why });
      return passed;
    };
    const tier = decideTier(subject, policy.tiers);
    // Who was told of the worse hears of the milder too.
    if (!enter("tier", tier.told || telling.deliveries.length > 0, tier.why)) return true;
    const free = subject.monitor === null || !maintained.has(subject.monitor.id);
    const work = free ? "no maintenance" : "the monitor is under maintenance";
    if (!enter("maintenance", free, work)) return true;
    const silence = decideSilence(attributes, silences, nowMs);
    if (!enter("silence", !silence.muted, silence.why)) return true;
    const inhibition = decideInhibition(alert, this.#inhibitors);
    if (!enter("inhibition", !inhibition.muted, inhibition.why)) return true;
    const notify = subject.monitor?.notify ?? null;
    if (notify !== null && !notify.includes(channel)) {
      return !enter("route", false, "the monitor does not notify the channel");
    }
    return !enter("route", route.grouping !== null, route.why);
  }

  /** Tells what waits in one lane of one group, or has it wait. */
  #advanceLane(passages: readonly Passage[]): void {
    const [first] = passages;
    if (first === undefined) return;
    const { lane, grouping } = first;
    const { nowMs, only } = this.#input;
    const group = this.#group(first.group);
    const others = only !== null && group[lane].waitingSinceMs !== null;
    const entered = enterLane(group, lane, nowMs);
    const wait = decideWait(entered[lane], grouping, nowMs);
    // Of those that wait already only a pass over all knows: it tells them together.
    if (wait.untilMs > nowMs || others) {
      if (entered !== group) this.#step.groups.set(group.key, entered);
      for (const passage of passages) this.#wait(passage, wait.why);
      return;
    }
    this.#step.groups.set(group.key, entered);
    const apart = isTellingApart(entered[lane], grouping, passages.length, nowMs);
    const messages = apart ? passages.map((passage) => [passage]) : [passages];
    for (const together of messages) this.#flush(first, together, wait.why);
  }

  /** Tells alerts in one message; the group and lane are those of the first. */
  #flush({ group, lane, grouping, channel }: Passage, passages: readonly Passage[], why: string) {
    const { nowMs, publicUrl } = this.#input;
    this.#step.groups.set(group, flushLane(this.#group(group), lane, grouping, nowMs));
    const items = passages.flatMap(({ item }) => (item === null ? [] : [item]));
    const { merged, unheard } = findMergeable(items, channel, this.#input.outbox);
    const told = items.map((item) =>
      unheard.has(item.subject.id) ? { ...item, unheard: true } : item,
    );
    const delivery = composeDelivery({ channel, items: told, publicUrl, nowMs });
    this.#step.deliveries.push(delivery);
    for (const old of merged) this.#step.deliveries.push(mergeDelivery(old, delivery.id));
    for (const passage of passages) {
      passage.steps.push({ stage: "grouping", passed: true, why });
      this.#tell(passage, delivery);
    }
  }

  #wait(passage: Passage, why: string): void {
    passage.steps.push({ stage: "grouping", passed: false, why });
    this.#settle(passage, { waiting: true });
  }

  #tell(passage: Passage, delivery: Delivery): void {
    const { telling, subject, item } = passage;
    const { nowMs } = this.#input;
    this.#decide(passage, delivery);
    this.#save(passage, {
      ...telling,
      waiting: false,
      level: subject.level,
      atMs: nowMs,
      deliveries: [...telling.deliveries, delivery.id],
      reminders: telling.reminders + (item?.repeat === null ? 0 : 1),
      over: subject.endedAtMs !== null,
      decided: { transition: subject.transition, why: `told in ${delivery.id}` },
    });
  }

  /** Keeps what is not told as it is, and records the decision if it is another than the last. */
  #settle(passage: Passage, change: { waiting: true } | null): void {
    const { telling, subject, steps } = passage;
    const last = steps.at(-1);
    // What waited and has become too mild to be told is still told with its end.
    const missed = telling.waiting || (!subject.seen && this.#wasWorse(subject));
    const waiting = change !== null || (missed && last?.stage === "tier");
    const why = last?.why ?? "";
    const { decided } = telling;
    const same = decided !== null && decided.transition === subject.transition;
    const isNews = !same || (last?.stage !== "deduplication" && decided.why !== why);
    if (isNews) this.#decide(passage, null);
    if (!isNews && telling.waiting === waiting) return;
    const recorded = isNews ? { transition: subject.transition, why } : decided;
    this.#save(passage, { ...telling, waiting, decided: recorded });
  }

  /** Whether a subject was of a kind that is told before anybody looked at it. */
  #wasWorse({ story, kind }: AlertSubject): boolean {
    if (!("incident" in story) || story.incident.worst === kind) return false;
    return this.#input.policy.tiers[story.incident.worst] !== "none";
  }

  #decide({ subject, channel, item, steps }: Passage, delivery: Delivery | null): void {
    this.#step.decisions.push({
      subject: subject.id,
      transition: subject.transition,
      channel,
      atMs: this.#input.nowMs,
      alert: delivery === null ? null : (item?.alert ?? null),
      delivery: delivery?.id ?? null,
      steps,
    });
  }

  #save({ subject, channel }: Passage, telling: Telling): void {
    const current = this.#step.subjects.get(subject.id) ?? subject;
    this.#step.subjects.set(subject.id, {
      ...current,
      tellings: { ...current.tellings, [channel]: telling },
    });
  }

  #group(key: string): AlertGroup {
    return this.#step.groups.get(key) ?? this.#input.groups.get(key) ?? emptyGroup(key);
  }

  /** Notes which lanes nothing waits in any more, and forgets groups that are idle. */
  #tidyGroups(lanes: ReadonlyMap<string, unknown>): void {
    for (const key of this.#input.groups.keys()) {
      let group = this.#group(key);
      for (const lane of ["news", "ends"] as const) {
        if (!lanes.has(`${lane}/${key}`)) group = leaveLane(group, lane);
      }
      if (isIdle(group, GROUP_KEPT_MS, this.#input.nowMs)) this.#step.groups.set(key, null);
      else if (group !== this.#group(key)) this.#step.groups.set(key, group);
    }
  }

  /** A subject that has been looked at, or is over with nothing left to tell. */
  #close(id: string): void {
    const subject = this.#step.subjects.get(id) ?? this.#input.subjects.get(id);
    if (subject === undefined || subject === null) return;
    const waits = Object.values(subject.tellings).some(({ waiting }) => waiting);
    if (subject.endedAtMs !== null && !waits) this.#step.subjects.set(id, null);
    else if (!subject.seen) this.#step.subjects.set(id, { ...subject, seen: true });
  }
}

function openAlert(subject: AlertSubject, policy: AlertPolicy): OpenAlert {
  return { subject, attributes: attributesOf(subject, decideTier(subject, policy.tiers).severity) };
}
