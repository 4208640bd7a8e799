/**
 * `node test/workers/coordinator/stored/record.ts`: writes down what the present release stores, for
 * the newest D1 migration and the newest version of the object's storage, unless that was done
 * before: what a release has stored once is never written anew.
 *
 * The history is that of a small network in virtual time: a certificate, an outage that is over and
 * told, and one that is open and could not be told yet. The D1 fixture holds rows alone, since the
 * migrations make the tables; the object's also holds the statements that made them.
 */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeRun } from "../../../../shared/probe/run.ts";
import { createChannel } from "../../../../workers/coordinator/db/channel-store.ts";
import { createMonitor } from "../../../../workers/coordinator/db/config-store.ts";
import { createWritten } from "../../../../workers/coordinator/db/written-incident-store.ts";
import { writeHistory } from "../../../../workers/coordinator/log/history-mirror.ts";
import { appendRuns } from "../../../../workers/coordinator/log/run-log.ts";
import { openTestDatabase } from "../../../support/database.ts";
import { makeMonitor } from "../../../support/observation.ts";
import { NOON_MS, SmallNetwork } from "../../../support/small-network.ts";

const MINUTE_MS = 60_000;
/** Between two statements, as in the migrations. */
const BREAKPOINT = "--> statement-breakpoint";
const folder = (name: string) => fileURLToPath(new URL(name, import.meta.url));

type Row = Record<string, unknown>;

function literal(value: unknown): string {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}

function insert(table: string, row: Row): string {
  const columns = Object.keys(row).map((column) => `"${column}"`);
  const values = Object.values(row).map(literal);
  return `INSERT INTO "${table}" (${columns.join(", ")}) VALUES (${values.join(", ")})`;
}

/** Plays the history. */
export async function playHistory(): Promise<SmallNetwork> {
  const network = new SmallNetwork();
  network.config.monitors[0] = makeMonitor({ headers: { "X-Key": "kept-secret" }, echo: true });
  for (const region of network.config.regions) network.cronless.add(region);
  await network.run(53 * MINUTE_MS);
  network.cronless.clear();
  network.start();
  await network.run(3 * MINUTE_MS);
  network.sees = () => "accept_mismatch";
  await network.run(3 * MINUTE_MS);
  network.sees = () => null;
  await network.run(10 * MINUTE_MS);
  network.sees = () => "connect_failed";
  network.receive = () => ({
    afterMs: 10,
    outcome: { ok: false, status: 503, error: "no", retryAfterMs: null, permanent: false },
  });
  await network.run(3 * MINUTE_MS);
  return network;
}

/** When the recorded history stops. */
export const RECORDED_TO_MS = NOON_MS + 72 * MINUTE_MS;

/** What people wrote meanwhile. */
const WRITTEN = {
  id: "messages-late",
  title: "Messages arrive late",
  startedAtMs: NOON_MS + 60 * MINUTE_MS,
  incidents: [],
  updates: [
    {
      id: "1",
      status: "identified" as const,
      text: "A **queue** is full.",
      atMs: NOON_MS + 61 * MINUTE_MS,
      monitors: { chat: "degraded" as const },
    },
  ],
  postmortem: null,
};

async function recordD1(network: SmallNetwork, path: string): Promise<void> {
  const database = await openTestDatabase();
  const { db } = database;
  const { regions } = network.config;
  const shape = { regions, defaultIntervalMs: MINUTE_MS, coordinators: 1 };
  for (const channel of network.channels) await createChannel(db, shape, channel, NOON_MS);
  for (const monitor of network.config.monitors) await createMonitor(db, shape, monitor, NOON_MS);
  await createWritten(db, WRITTEN, NOON_MS);
  const runs = [...network.log.values()].map(decodeRun);
  await appendRuns(
    db,
    runs.filter(({ scheduledAtMs }) => scheduledAtMs >= RECORDED_TO_MS - 5 * MINUTE_MS),
  );
  for (const batch of network.mirrored) await writeHistory(db, batch);
  const { results: tables } = await db
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all<{ name: string }>();
  const statements: string[] = [];
  for (const { name } of tables) {
    const { results } = await db.prepare(`SELECT * FROM "${name}"`).all<Row>();
    statements.push(...results.map((row) => insert(name, row)));
  }
  await database.close();
  writeFileSync(path, `${statements.join(`;\n${BREAKPOINT}\n`)};\n`);
}

function recordObject(network: SmallNetwork, path: string): void {
  const tables = network.database.query(
    "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid",
  );
  const statements = tables.flatMap(({ name, type, sql }) => [
    String(sql),
    ...(type === "table"
      ? network.database.query(`SELECT * FROM "${name}"`).map((row) => insert(String(name), row))
      : []),
  ]);
  writeFileSync(path, `${statements.join(`;\n${BREAKPOINT}\n`)};\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const network = await playHistory();
  const newest = readdirSync(folder("../../../../migrations"))
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .at(-1);
  const [row] = network.database.query("SELECT version FROM storage_version");
  const d1 = folder(`d1/${newest}`);
  const object = folder(`object/version-${row?.["version"]}.sql`);
  if (!existsSync(d1)) await recordD1(network, d1);
  if (!existsSync(object)) recordObject(network, object);
}
