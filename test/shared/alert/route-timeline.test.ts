/** The pipeline along timelines: who is told by which route, and at which hours of which zone. */
import { describe, it } from "vitest";
import { AlertTimeline, becomes, between, falls, recovers } from "../../support/alert-timeline.ts";

const timeline = (policy: unknown = {}, channels = ["ops"]) =>
  new AlertTimeline({ policy, channels });

describe("routes", () => {
  const policy = {
    routes: [
      { name: "audit", channels: ["audit"], continue: true },
      {
        name: "EU",
        match: ["group=EU"],
        channels: ["eu"],
        routes: [{ name: "pager", match: ["severity=critical"], channels: ["pager"] }],
      },
      { name: "rest", channels: ["mail"] },
    ],
  };

  it("take an alert by the first that matches, from the inside out, and on with continue", () => {
    timeline(policy, ["audit", "eu", "pager", "mail", "unnamed"])
      .at("0s", falls("a", { group: "EU" }))
      .at("1m", becomes("b", "degraded", { group: "EU" }))
      .at("2m", falls("c", { group: "US" }))
      .want(between("0s", "0s"), "audit: a fired")
      .want(between("0s", "0s"), "pager: a fired")
      .want(between("0s", "0s"), "unnamed: a fired")
      .want(between("1m", "1m"), "audit: b fired")
      .want(between("1m", "1m"), "eu: b fired")
      .want(between("1m", "1m"), "unnamed: b fired")
      .want(between("2m", "2m"), "audit: c fired")
      .want(between("2m", "2m"), "mail: c fired")
      .want(between("2m", "2m"), "unnamed: c fired")
      .play("5m");
  });

  it("go by label and group", () => {
    const byTeam = {
      routes: [
        { name: "core", match: ["label.team=core"], channels: ["core"] },
        { name: "rest", match: ["group!=Lab"], channels: ["rest"] },
      ],
    };
    timeline(byTeam, ["core", "rest"])
      .at("0s", falls("a", { labels: { team: "core" }, group: "Lab" }))
      .at("1m", falls("b", { labels: { team: "web" } }))
      .at("2m", falls("c", { group: "Lab" }))
      .want(between("0s", "0s"), "core: a fired")
      .want(between("1m", "1m"), "rest: b fired")
      .play("5m");
  });

  it("narrow what a monitor's `notify` allows, and never widen it", () => {
    timeline(policy, ["audit", "eu", "pager", "mail", "unnamed"])
      .at("0s", falls("a", { group: "EU", notify: ["pager", "mail"] }))
      .want(between("0s", "0s"), "pager: a fired")
      .play("5m");
  });

  it("tell the end through the channel that was told, whatever matches then", () => {
    timeline(policy, ["eu", "pager"])
      .at("0s", becomes("a", "degraded", { group: "EU" }))
      .at("1m", becomes("a", "down"))
      .at("2m", recovers("a"))
      .want(between("0s", "0s"), "eu: a fired")
      .want(between("1m", "1m"), "pager: a fired")
      .want(between("2m", "2m"), "eu: a resolved")
      .want(between("2m", "2m"), "pager: a resolved")
      .play("5m");
  });
});

describe("hours of a route", () => {
  const office = {
    tiers: { degraded: "warning" },
    routes: [
      {
        name: "office",
        hours: [
          {
            zone: "Europe/Berlin",
            days: ["mon", "tue", "wed", "thu", "fri"],
            from: "09:00",
            to: "17:00",
          },
        ],
        channels: ["office"],
      },
      { name: "night", match: ["severity=critical"], channels: ["pager"] },
    ],
  };

  it("send by day to one channel, by night to another, and in the morning what is left", () => {
    // A Friday, 16:58 in Berlin.
    new AlertTimeline({
      policy: office,
      channels: ["office", "pager"],
      start: "2026-11-20T15:58:00Z",
      lookEvery: "30s",
    })
      .at("1m", falls("a"))
      .at("3m", falls("b"))
      .at("5m", becomes("c", "degraded"))
      .at("6m", recovers("b"))
      .want(between("1m", "1m"), "office: a fired")
      .want(between("3m", "3m"), "pager: b fired")
      .want(between("6m", "6m"), "pager: b resolved")
      // Night: the pager hears of what the office was told and nobody has ended.
      .want(between("2m", "2m30s"), "pager: a fired")
      .at("10m", recovers("a"))
      .want(between("10m", "10m"), "office: a resolved")
      .want(between("10m", "10m"), "pager: a resolved")
      // Monday at nine.
      .want(between("64h2m", "64h2m30s"), "office: c fired")
      .play("65h");
  });

  const early = {
    routes: [
      {
        hours: [{ zone: "America/New_York", from: "01:30", to: "03:30" }],
        channels: ["ops"],
      },
    ],
  };

  it("are an hour shorter where the clock is put forward", () => {
    // 2026-03-08, 02:00 EST becomes 03:00 EDT: 01:30 is 06:30 UTC, 03:30 is 07:30 UTC.
    new AlertTimeline({ policy: early, start: "2026-03-08T06:00:00Z", lookEvery: "10s" })
      .at("10m", falls("before"))
      .at("1h29m", falls("within"))
      .at("1h31m", falls("after"))
      .want(between("30m", "30m"), "ops: before fired")
      .want(between("1h29m", "1h29m"), "ops: within fired")
      .play("3h");
  });

  it("are an hour longer where it is put back", () => {
    // 2026-11-01, 02:00 EDT becomes 01:00 EST: 01:30 comes at 05:30 and 06:30 UTC.
    new AlertTimeline({ policy: early, start: "2026-11-01T05:00:00Z", lookEvery: "10s" })
      .at("10m", falls("before"))
      .at("1h10m", falls("again-before"))
      .at("3h29m", falls("within"))
      .at("3h31m", falls("after"))
      .want(between("30m", "30m"), "ops: before fired")
      .want(between("1h30m", "1h30m"), "ops: again-before fired")
      .want(between("3h29m", "3h29m"), "ops: within fired")
      .play("5h");
  });
});
