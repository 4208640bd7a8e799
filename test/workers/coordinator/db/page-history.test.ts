/** A month of history out of a real D1 database. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { WrittenIncident } from "../../../../shared/monitor/written-incident.ts";
import { writtenIncidentSchema } from "../../../../shared/monitor/written-incident.ts";
import { createWritten } from "../../../../workers/coordinator/db/written-incident-store.ts";
import { loadHistory } from "../../../../workers/coordinator/db/page-history.ts";
import { incidentOf } from "../../../support/network-status.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { openTestDatabase } from "../../../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(async () => {
  await database.clear();
});
afterAll(async () => {
  await database.close();
});

function writtenAt(id: string, startedAtMs: number): WrittenIncident {
  const update = { id: "1", status: "resolved", text: "Over.", atMs: startedAtMs, monitors: {} };
  return writtenIncidentSchema.parse({
    id,
    title: "Late",
    startedAtMs,
    incidents: [],
    updates: [update],
    postmortem: null,
  });
}

const OCTOBER = [Date.UTC(2026, 9), Date.UTC(2026, 10)] as const;

describe("the history of a month", () => {
  it("is empty where nothing is stored", async () => {
    expect(await loadHistory(database.db, ...OCTOBER)).toEqual({
      incidents: [],
      written: [],
      maintenances: [],
      earliestMs: null,
    });
  });

  it("has what began in it, the work that touches it, and when all began", async () => {
    const { db } = database;
    const starts = [Date.UTC(2026, 8, 30), Date.UTC(2026, 9, 1), Date.UTC(2026, 9, 31, 23)];
    const incidents = [...starts, OCTOBER[1]].map((startedAtMs) => {
      const {
        transitions: _,
        monitorName: __,
        ...incident
      } = incidentOf({ id: "chat", name: "Chat" }, "down", startedAtMs, 60_000);
      return incident;
    });
    const windows = [
      [Date.UTC(2026, 7, 1), Date.UTC(2026, 7, 2)],
      [Date.UTC(2026, 8, 30), Date.UTC(2026, 9, 2)],
      [Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 2)],
    ].map(([startsAtMs = 0, endsAtMs = 0], index) => ({
      id: `work-${index}`,
      name: "Work",
      description: "",
      monitors: null,
      groups: [],
      startsAtMs,
      endsAtMs,
    }));
    await db.batch([
      ...incidents.map((incident) =>
        db
          .prepare("INSERT INTO incidents VALUES (?, 'chat', ?, NULL, ?)")
          .bind(incident.id, incident.startedAtMs, JSON.stringify(incident)),
      ),
      ...windows.map((window) =>
        db
          .prepare("INSERT INTO maintenances VALUES (?, 'Work', ?, ?, 0, 0)")
          .bind(window.id, window.endsAtMs, JSON.stringify(window)),
      ),
    ]);
    for (const [index, startedAtMs] of [...starts, Date.UTC(2026, 6, 1), OCTOBER[1]].entries()) {
      await createWritten(db, writtenAt(`told-${index}`, startedAtMs), 0);
    }
    const found = await loadHistory(db, ...OCTOBER);
    expect(found.written.map(({ id }) => id)).toEqual(["told-2", "told-1"]);
    expect(found.incidents.map(({ startedAtMs }) => startedAtMs)).toEqual([starts[2], starts[1]]);
    expect(found.maintenances.map(({ id }) => id)).toEqual(["work-1"]);
    expect(found.earliestMs).toBe(Date.UTC(2026, 6, 1));
  });
});
