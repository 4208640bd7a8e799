/** The pipeline along timelines: grouping, repetition, inhibition, silences, channels in trouble. */
import { describe, expect, it } from "vitest";
import type { Advisory } from "../../../shared/alert/advisory.ts";
import {
  AlertTimeline,
  acknowledged,
  advises,
  becomes,
  between,
  channelFails,
  falls,
  maintenance,
  recovers,
} from "../../support/alert-timeline.ts";

const timeline = (policy: unknown = {}, channels = ["ops"]) =>
  new AlertTimeline({ policy, channels });

const onlyEu = (monitor: string) => (story: AlertTimeline) =>
  story.change(monitor, (subject) => ({ ...subject, regions: ["eu-central"] }));

describe("with nothing declared", () => {
  it("each outage and each recovery is told at once and once, to every channel", () => {
    timeline({}, ["ops", "dev"])
      .at("10s", falls("chat"))
      .at("25s", falls("feed"))
      .at("2m", recovers("chat"))
      .at("3m", recovers("feed"))
      .want(between("10s", "10s"), "ops: chat fired")
      .want(between("10s", "10s"), "dev: chat fired")
      .want(between("25s", "25s"), "ops: feed fired")
      .want(between("25s", "25s"), "dev: feed fired")
      .want(between("2m", "2m"), "ops: chat resolved")
      .want(between("2m", "2m"), "dev: chat resolved")
      .want(between("3m", "3m"), "ops: feed resolved")
      .want(between("3m", "3m"), "dev: feed resolved")
      .play("10m");
  });

  it("an eleventh outage within twenty seconds is gathered with those that follow", () => {
    const story = timeline();
    for (let index = 0; index < 13; index += 1) {
      story.at(`${index + 1}s`, falls(`m${index}`));
      if (index < 10) story.want(between(`${index + 1}s`, `${index + 1}s`), `ops: m${index} fired`);
    }
    story.want(between("21s", "22s"), "ops: m10 fired, m11 fired, m12 fired").play("5m");
  });

  it("a few outages at one moment are told each for itself, and more than ten in one", () => {
    const few = [1, 2, 3].map((index) => `few${index}`);
    const many = Array.from({ length: 11 }, (_, index) => `m${index + 10}`);
    const story = timeline().at("1s", ...few.map((id) => falls(id)));
    for (const id of few) story.want(between("1s", "1s"), `ops: ${id} fired`);
    story
      .at("1m", ...many.map((id) => falls(id)))
      .want(between("1m", "1m"), `ops: ${many.map((id) => `${id} fired`).join(", ")}`)
      .play("2m");
  });

  it("a recovery is not held up by outages, nor an outage by recoveries", () => {
    const story = timeline();
    for (let index = 0; index < 5; index += 1) {
      story.at("1s", falls(`m${index}`));
      story.at(`${10 + index}s`, recovers(`m${index}`));
      story.want(between(`${10 + index}s`, `${10 + index}s`), `ops: m${index} resolved`);
    }
    for (let index = 0; index < 5; index += 1) {
      story.want(between("1s", "1s"), `ops: m${index} fired`);
    }
    story.at("15s", falls("chat")).want(between("15s", "15s"), "ops: chat fired").play("2m");
  });

  it("a partial failure is not told, and the outage that it becomes is", () => {
    timeline()
      .at("10s", becomes("chat", "partial"))
      .at("1m", becomes("chat", "down"))
      .at("2m", recovers("chat"))
      .want(between("1m", "1m"), "ops: chat fired")
      .want(between("2m", "2m"), "ops: chat resolved")
      .play("5m");
  });

  it("an outage that has been milder for two minutes is told as such, and again when it returns", () => {
    timeline()
      .at("10s", falls("chat"))
      .at("1m", becomes("chat", "partial"))
      .want(between("10s", "10s"), "ops: chat fired")
      .want(between("3m", "3m2s"), "ops: chat changed")
      .at("9m", falls("chat"))
      .want(between("9m", "9m"), "ops: chat changed")
      .at("12m", recovers("chat"))
      .want(between("12m", "12m"), "ops: chat resolved")
      .play("15m");
  });

  it("an outage that is milder for a moment only is not told of again", () => {
    timeline()
      .at("10s", falls("chat"))
      .at("1m", becomes("chat", "partial"))
      .at("2m", falls("chat"))
      .at("3m", becomes("chat", "degraded"))
      .at("4m", falls("chat"))
      .want(between("10s", "10s"), "ops: chat fired")
      .play("20m");
  });

  it("an outage that goes on is told again every four hours", () => {
    new AlertTimeline({ lookEvery: "10s" })
      .at("0s", falls("chat"))
      .want(between("0s", "0s"), "ops: chat fired")
      .want(between("4h", "4h10s"), "ops: chat changed again")
      .want(between("8h", "8h20s"), "ops: chat changed again")
      .play("9h");
  });
});

describe("grouping", () => {
  const policy = { groupBy: ["group"], groupWait: "30s", groupInterval: "5m", atOnce: 1 };

  it("waits for what belongs together, and tells it in one message per group", () => {
    timeline(policy)
      .at("1s", falls("eu-1", { group: "EU" }))
      .at("9s", falls("us-1", { group: "US" }))
      .at("20s", falls("eu-2", { group: "EU" }))
      .want(between("31s", "32s"), "ops: eu-1 fired, eu-2 fired")
      .want(between("39s", "40s"), "ops: us-1 fired")
      .play("4m");
  });

  it("tells what joins a group at its next interval", () => {
    timeline(policy)
      .at("0s", falls("eu-1", { group: "EU" }))
      .at("1m", falls("eu-2", { group: "EU" }))
      .at("2m", falls("eu-3", { group: "EU" }))
      .want(between("30s", "30s"), "ops: eu-1 fired")
      .want(between("5m30s", "5m32s"), "ops: eu-2 fired, eu-3 fired")
      .play("20m");
  });

  it("tells of an outage that is over before its group's wait in one message", () => {
    timeline(policy)
      .at("0s", falls("chat"))
      .at("10s", recovers("chat"))
      .want(between("40s", "42s"), "ops: chat resolved unheard")
      .play("5m");
  });

  it("tells of an outage that was only partial in the end in one message too", () => {
    timeline(policy)
      .at("0s", falls("chat"))
      .at("10s", becomes("chat", "partial"))
      .at("1m", recovers("chat"))
      .want(between("1m30s", "1m32s"), "ops: chat resolved unheard")
      .play("5m");
  });

  it("tells the end after the beginning even when both wait", () => {
    const told = timeline(policy)
      .at("0s", falls("chat"))
      .at("29s", falls("feed"))
      .at("31s", recovers("chat"))
      .want(between("30s", "30s"), "ops: chat fired, feed fired")
      .want(between("1m1s", "1m2s"), "ops: chat resolved")
      .play("5m").deliveries;
    expect(told.map(({ delivery }) => delivery.alert)).toEqual(["fired", "resolved"]);
  });

  it("repeats what goes on together, until somebody takes it on", () => {
    timeline({ groupWait: "10s", repeatInterval: "1h" })
      .at("0s", falls("chat"))
      .at("5s", falls("feed"))
      .at("1h30m", acknowledged("chat"))
      .want(between("10s", "10s"), "ops: chat fired, feed fired")
      .want(between("1h10s", "1h22s"), "ops: chat changed again, feed changed again")
      .want(between("2h10s", "2h36s"), "ops: feed changed again")
      .play("3h");
  });
});

describe("a silence", () => {
  it("mutes what matches while it lasts, and what is still so is told when it ends", () => {
    timeline()
      .silence(between("0s", "10m"), 'group="EU"', "severity=~critical|warning")
      .at("1m", falls("eu-1", { group: "EU" }))
      .at("2m", falls("us-1", { group: "US" }))
      .at("3m", falls("eu-2", { group: "EU" }))
      .at("5m", recovers("eu-2"))
      .want(between("2m", "2m"), "ops: us-1 fired")
      .want(between("10m", "10m"), "ops: eu-1 fired")
      .play("20m");
  });

  it.each([
    "monitor=chat",
    "group=EU",
    "severity=critical",
    "label.team=core",
    "region=~us-.*|eu-.*",
    "reason=connect_timeout",
    "kind=down",
  ])("may be by %s, and of others mutes nothing", (matcher) => {
    const [name = "", operator] = matcher.split("=");
    const other = operator?.startsWith("~") ? `${name}!~us-.*|eu-.*` : matcher.replace("=", "!=");
    const chat = { group: "EU", labels: { team: "core" } };
    const story = (wanted: string) =>
      timeline().silence(between("0s", "10m"), wanted).at("1m", falls("chat", chat));
    story(matcher).want(between("10m", "10m"), "ops: chat fired").play("20m");
    story(other).want(between("1m", "1m"), "ops: chat fired").play("20m");
  });

  it("does not mute the end of what was told before it", () => {
    timeline()
      .silence(between("2m", "10m"), "monitor=chat")
      .at("1m", falls("chat"))
      .at("5m", recovers("chat"))
      .want(between("1m", "1m"), "ops: chat fired")
      .want(between("5m", "5m"), "ops: chat resolved")
      .play("15m");
  });

  it("for a region mutes only what no other region sees", () => {
    timeline()
      .silence(between("0s", "1h"), "region=~eu-.*")
      .at("1m", falls("chat"), onlyEu("chat"))
      .at("1m", falls("feed"))
      .want(between("1m", "1m"), "ops: feed fired")
      .play("5m");
  });
});

describe("announced maintenance", () => {
  it("mutes a monitor, but not the end of what was told, and what outlasts it is told then", () => {
    timeline({ repeatInterval: "2m" })
      .at("1m", falls("chat"), falls("feed"))
      .at("2m", maintenance("chat", true), maintenance("mail", true))
      .at("3m", falls("mail"))
      .at("4m", recovers("chat"))
      .at("10m", maintenance("mail", false))
      .at("11m", recovers("mail"), recovers("feed"))
      .want(between("1m", "1m"), "ops: chat fired")
      .want(between("1m", "1m"), "ops: feed fired")
      .want(between("3m", "3m2s"), "ops: feed changed again")
      .want(between("4m", "4m"), "ops: chat resolved")
      .want(between("5m", "5m6s"), "ops: feed changed again")
      .want(between("7m", "7m8s"), "ops: feed changed again")
      .want(between("9m", "9m10s"), "ops: feed changed again")
      .want(between("10m", "10m2s"), "ops: mail fired")
      .want(between("11m", "11m"), "ops: feed resolved")
      .want(between("11m", "11m"), "ops: mail resolved")
      .play("12m");
  });
});

describe("inhibition", () => {
  const policy = {
    inhibitions: [
      { source: ["label.role=gateway", "kind=down"], target: ["group=~.+"], equal: ["group"] },
    ],
  };
  const gateway = { group: "EU", labels: { role: "gateway" } };

  it("mutes what depends on something that is down, and tells it if it outlasts that", () => {
    timeline(policy)
      .at("1m", falls("gateway", gateway), falls("eu-1", { group: "EU" }))
      .at("2m", falls("eu-2", { group: "EU" }))
      .at("2m", falls("us-1", { group: "US" }))
      .at("3m", recovers("eu-2"))
      .at("4m", recovers("gateway"))
      .want(between("1m", "1m"), "ops: gateway fired")
      .want(between("2m", "2m"), "ops: us-1 fired")
      .want(between("4m", "4m"), "ops: gateway resolved")
      .want(between("4m", "4m2s"), "ops: eu-1 fired")
      .play("10m");
  });

  it("never mutes itself, nor two that would mute each other", () => {
    timeline({ inhibitions: [{ source: ["kind=down"], target: ["kind=down"] }] })
      .at("1m", falls("chat"))
      .at("2m", falls("feed"))
      .want(between("1m", "1m"), "ops: chat fired")
      .want(between("2m", "2m"), "ops: feed fired")
      .play("5m");
  });

  it("lets nothing be told but that Echoquorum cannot see, while it cannot", () => {
    const blind: Advisory = {
      subject: "monitoring-1",
      step: 1,
      about: "monitoring",
      over: false,
      severity: "critical",
      title: "Echoquorum cannot see",
      text: "None of its regions can vote.",
      reason: null,
      monitor: null,
    };
    timeline()
      .at("1m", advises(blind))
      .at("2m", falls("chat"))
      .at("3m", advises({ ...blind, step: 2, over: true }))
      .want(between("1m", "1m"), "ops: monitoring-1 fired")
      .want(between("3m", "3m"), "ops: monitoring-1 resolved")
      .want(between("3m", "3m2s"), "ops: chat fired")
      .play("6m");
  });
});

describe("a channel that takes nothing", () => {
  it("is told the beginning and the end in one message, if it missed the beginning", () => {
    timeline()
      .at("0s", channelFails("ops", true), falls("chat"))
      .at("5m", recovers("chat"))
      .want(between("5m", "5m"), "ops: chat resolved unheard")
      .play("10m");
  });

  it("still gets a beginning that it missed together with what goes on", () => {
    const told = timeline({ groupWait: "10s" })
      .at("0s", channelFails("ops", true), falls("chat"), falls("feed"))
      .at("5m", recovers("chat"))
      .at("10m", recovers("feed"))
      .want(between("10s", "10s"), "ops: chat fired, feed fired")
      .want(between("5m10s", "5m12s"), "ops: chat resolved")
      .want(between("10m10s", "10m12s"), "ops: feed resolved")
      .play("15m").deliveries;
    expect(new Set(told.map(({ delivery }) => delivery.id)).size).toBe(told.length);
  });
});

describe("decisions", () => {
  it("say of each transition and channel what came of it, stage by stage", () => {
    const { decisions } = timeline({}, ["ops", "dev"])
      .silence(between("0s", "5m"), "monitor=chat")
      .at("1m", falls("chat", { notify: ["ops"] }))
      .want(between("5m", "5m"), "ops: chat fired")
      .play("10m");
    const about = (channel: string) =>
      decisions
        .filter((decision) => decision.channel === channel)
        .map(({ alert, steps }) => `${alert ?? "nothing"}: ${steps.at(-1)?.why}`);
    expect(about("ops")).toEqual([
      "nothing: silence silence-1 of Ada until 2026-11-20T14:05:00.000Z: known",
      "fired: nothing more is waited for",
    ]);
    expect(about("dev")).toEqual([
      "nothing: silence silence-1 of Ada until 2026-11-20T14:05:00.000Z: known",
      "nothing: the monitor does not notify the channel",
    ]);
    const stages = decisions.findLast(({ alert }) => alert === "fired")?.steps;
    expect(stages?.map(({ stage }) => stage)).toEqual([
      "tier",
      "maintenance",
      "silence",
      "inhibition",
      "route",
      "deduplication",
      "grouping",
    ]);
  });

  it("are not repeated while nothing changes", () => {
    const { decisions } = timeline({ groupWait: "30s" })
      .at("1m", falls("chat"))
      .want(between("1m30s", "1m30s"), "ops: chat fired")
      .play("2h");
    expect(decisions).toHaveLength(2);
  });
});
