import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { monitorSchema } from "../../../../shared/monitor/monitor.ts";
import type { Channel } from "../../../../workers/coordinator/channels/channel.ts";
import {
  createChannel,
  deleteChannel,
  listChannelIds,
  listMonitorsNaming,
  loadChannel,
  loadChannels,
  saveChannel,
} from "../../../../workers/coordinator/db/channel-store.ts";
import {
  loadPublishedConfig,
  saveMonitor,
} from "../../../../workers/coordinator/db/config-store.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";

const declared = { regions: ["us-east"], defaultIntervalMs: 60_000 };
const network = { ...declared, coordinators: 1 };
const slack: Channel = {
  id: "team",
  name: "Team",
  kind: "slack",
  settings: { url: "https://hooks.slack.com/services/T0/B0/token" },
};
const webhook: Channel = {
  id: "pager",
  name: "Pager",
  kind: "webhook",
  settings: { url: "https://example.com/hook", secret: `whsec_${btoa("s".repeat(32))}` },
};

let database: TestDatabase;
beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());
beforeEach(() => database.clear());

it("gives channels back as they were saved, oldest first", async () => {
  await saveChannel(database.db, network, webhook, 1);
  await saveChannel(database.db, network, slack, 2);
  await saveChannel(database.db, network, { ...webhook, name: "Renamed" }, 3);
  expect(await loadChannels(database.db)).toEqual([{ ...webhook, name: "Renamed" }, slack]);
  expect(await loadChannel(database.db, "team")).toEqual(slack);
  expect(await loadChannel(database.db, "none")).toBeNull();
  expect((await listChannelIds(database.db)).sort()).toEqual(["pager", "team"]);
});

it("does not create a channel over another", async () => {
  expect(await createChannel(database.db, network, slack, 1)).toBe("written");
  expect(await createChannel(database.db, network, { ...webhook, id: "team" }, 2)).toBe("conflict");
  expect(await loadChannels(database.db)).toEqual([slack]);
});

it("publishes a version with each change, and no channel in it", async () => {
  await saveChannel(database.db, network, slack, 1);
  await deleteChannel(database.db, network, "team", 2);
  expect(await loadPublishedConfig(database.db)).toEqual({ version: 2, ...declared, monitors: [] });
});

it("deletes no channel that a monitor relies on", async () => {
  await saveChannel(database.db, network, slack, 1);
  const monitor = monitorSchema.parse({
    id: "chat",
    name: "Chat",
    url: "wss://chat.example.com",
    notify: ["team"],
  });
  await saveMonitor(database.db, network, monitor, 2);
  expect(await listMonitorsNaming(database.db, "team")).toEqual(["chat"]);
  expect(await deleteChannel(database.db, network, "team", 3)).toBe(false);
  await saveMonitor(database.db, network, { ...monitor, notify: null }, 4);
  expect(await deleteChannel(database.db, network, "team", 5)).toBe(true);
  expect(await deleteChannel(database.db, network, "team", 6)).toBe(false);
});
