/** Named states of the network that pages must tell apart, for render and browser tests. */
import type { NetworkStatus } from "../../workers/coordinator/object/rpc.ts";
import type { MonitorDraft } from "./network-status.ts";
import { incidentOf, networkStatus, NOW_MS, REGION_IDS, regionStatus } from "./network-status.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const CHAT: MonitorDraft = {
  id: "chat",
  name: "Chat",
  group: "Messaging",
  troubles: {
    61: { degradedMs: 42 * MINUTE_MS },
    33: { downMs: 11 * MINUTE_MS },
    32: { degradedMs: 3 * MINUTE_MS },
    9: { partialMs: 25 * MINUTE_MS },
  },
};
const PRESENCE: MonitorDraft = {
  id: "presence",
  name: "Presence",
  group: "Messaging",
  historyDays: 34,
  troubles: { 20: { maintenanceMs: 40 * MINUTE_MS }, 5: { unknownMs: 3 * 60 * MINUTE_MS } },
};
const PRICES: MonitorDraft = {
  id: "prices",
  name: "Price feed",
  group: "Market data",
  troubles: { 12: { downMs: 190 * MINUTE_MS } },
};
const ORDERS: MonitorDraft = { id: "orders", name: "Order stream", group: "Market data" };
const CALM = [CHAT, PRESENCE, PRICES, ORDERS];

const PAST = [
  incidentOf(
    { ...CHAT, reason: "connect_timeout", sights: { "ap-southeast": fail("connect_timeout") } },
    "partial",
    NOW_MS - 9 * DAY_MS,
    25 * MINUTE_MS,
  ),
  incidentOf(
    {
      ...PRICES,
      reason: "upgrade_overloaded",
      sights: {
        "us-east": fail("upgrade_overloaded"),
        "sa-east": fail("upgrade_overloaded"),
        "eu-central": fail("upgrade_overloaded"),
        "ap-southeast": fail("connect_timeout"),
      },
    },
    "down",
    NOW_MS - 12 * DAY_MS,
    190 * MINUTE_MS,
  ),
];

function fail(reason: NonNullable<MonitorDraft["reason"]>) {
  return { status: "down" as const, reason };
}

const BROKEN: MonitorDraft = {
  ...CHAT,
  troubles: { ...CHAT.troubles, 0: { downMs: 208_000 } },
  kind: "down",
  reason: "accept_mismatch",
  sinceMs: NOW_MS - 208_000,
  sights: {
    "us-east": fail("accept_mismatch"),
    "sa-east": fail("accept_mismatch"),
    "eu-central": fail("accept_mismatch"),
  },
};
const LIMPING: MonitorDraft = {
  ...CHAT,
  kind: "partial",
  reason: "connect_timeout",
  sinceMs: NOW_MS - 208_000,
  sights: { "ap-southeast": fail("connect_timeout") },
};
const SLOW: MonitorDraft = {
  ...ORDERS,
  kind: "degraded",
  reason: "latency_over_budget",
  sinceMs: NOW_MS - 900_000,
  sights: {
    "us-east": { status: "degraded", reason: "latency_over_budget" },
    "sa-east": { status: "degraded", reason: "latency_over_budget" },
    "ap-southeast": { status: "up", counted: "silent" },
  },
};

/** Everything works. */
export function calm(): NetworkStatus {
  return networkStatus(CALM, { pastIncidents: PAST });
}

/** Chat is down in three of four regions, and the order stream is slow. */
export function outage(): NetworkStatus {
  return networkStatus([BROKEN, PRESENCE, PRICES, SLOW], {
    openIncidents: [
      incidentOf(BROKEN, "down", NOW_MS - 208_000, null),
      incidentOf(SLOW, "degraded", NOW_MS - 900_000, null),
    ],
    pastIncidents: PAST,
  });
}

/** One region cannot use Chat. */
export function partial(): NetworkStatus {
  return networkStatus([LIMPING, PRESENCE, PRICES, ORDERS], {
    openIncidents: [incidentOf(LIMPING, "partial", NOW_MS - 208_000, null)],
  });
}

/** Every check is fine, and people tell of trouble with Chat, and of something else besides. */
export function declared(): NetworkStatus {
  const update = { id: "1", status: "identified" as const, atMs: NOW_MS - 900_000 };
  const told = { startedAtMs: NOW_MS - 1_800_000, incidents: [], postmortem: null };
  return {
    ...calm(),
    writtenIncidents: [
      {
        ...told,
        id: "late",
        title: "Messages arrive late",
        updates: [{ ...update, text: "A **queue** is full.", monitors: { chat: "partial" } }],
      },
      {
        ...told,
        id: "invoices",
        title: "Invoices show the wrong currency",
        updates: [{ ...update, text: "We look into it.", monitors: {} }],
      },
    ],
  };
}

/** Work on Presence goes on, and work on everything is to come. */
export function maintenance(): NetworkStatus {
  const worked: MonitorDraft = {
    ...PRESENCE,
    kind: "maintenance",
    sinceMs: NOW_MS - 5 * MINUTE_MS,
    sights: Object.fromEntries(
      REGION_IDS.map((id) => [id, { ...fail("connect_failed"), counted: "maintenance" as const }]),
    ),
  };
  return networkStatus([CHAT, worked, PRICES, ORDERS], {
    maintenances: [
      {
        id: "over",
        name: "Earlier work",
        description: "",
        startsAtMs: NOW_MS - 2 * DAY_MS,
        endsAtMs: NOW_MS - DAY_MS,
        monitors: ["chat"],
      },
      {
        id: "database-upgrade",
        name: "Database upgrade",
        description: "Presence moves to a new database; expect it to be away for a while.",
        startsAtMs: NOW_MS - 5 * MINUTE_MS,
        endsAtMs: NOW_MS + 40 * MINUTE_MS,
        monitors: ["presence"],
      },
      {
        id: "network",
        name: "Network maintenance",
        description: "",
        startsAtMs: NOW_MS + 2 * DAY_MS,
        endsAtMs: NOW_MS + 2 * DAY_MS + 90 * MINUTE_MS,
        monitors: ["chat", "presence", "prices", "orders"],
      },
    ],
  });
}

/** The newest run is twelve minutes old although the regions are said to report. */
export function stale(): NetworkStatus {
  return networkStatus(CALM, { newestRunAtMs: NOW_MS - 12 * MINUTE_MS });
}

/** No region has reported for a while. */
export function silent(): NetworkStatus {
  return networkStatus(CALM, {
    newestRunAtMs: NOW_MS - 200_000,
    regions: REGION_IDS.map((id) => regionStatus(id, "silent")),
  });
}

/** Just deployed: monitors, but no run yet. */
export function newborn(): NetworkStatus {
  const unseen = { status: "unknown" as const, counted: "silent" as const };
  const sights = Object.fromEntries(REGION_IDS.map((id) => [id, unseen]));
  const drafts = CALM.map((draft) => ({
    ...draft,
    kind: "unknown" as const,
    historyDays: 0,
    sights,
  }));
  return networkStatus(drafts, {
    newestRunAtMs: null,
    regions: REGION_IDS.map((id) => regionStatus(id, "waiting")),
  });
}

/** Sixty monitors in six groups, two of them in trouble. */
export function crowd(): NetworkStatus {
  const drafts = Array.from({ length: 60 }, (_, index): MonitorDraft => {
    const group = `Cluster ${String.fromCodePoint(65 + Math.floor(index / 10))}`;
    const base = { ...CHAT, id: `service-${index}`, name: `Service ${index + 1}`, group };
    const troubles = { [(index * 7) % 90]: { downMs: (index + 1) * MINUTE_MS } };
    if (index === 17) return { ...BROKEN, ...base, troubles };
    if (index === 42) return { ...LIMPING, ...base, troubles };
    return { ...base, troubles };
  });
  return networkStatus(drafts);
}

/** Names that try to break out, turn the text around, or overflow. */
export function awkward(): NetworkStatus {
  const names = [
    `<script>alert("x")</script><img src=x onerror=alert(1)>`,
    "\u202Eevitcarne\u202C \u2066reversed\u2069",
    "خدمة الدردشة",
    "שירות הצ׳אט (beta)",
    "🛰️ Telemetry 👩‍🚀 + 🇧🇷",
    "W".repeat(200),
    "a & b \"quoted\" 'single' </title>",
  ];
  const drafts = names.map((name, index) => ({
    ...CHAT,
    id: `awkward-${index}`,
    name,
    group: name,
  }));
  const [first] = drafts;
  if (first === undefined) throw new Error("No names");
  const broken = { ...BROKEN, ...first };
  return networkStatus([broken, ...drafts.slice(1)], {
    openIncidents: [incidentOf(broken, "down", NOW_MS - 208_000, null)],
  });
}
