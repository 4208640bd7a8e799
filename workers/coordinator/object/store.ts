/**
 * The object's state in its own SQLite: loads the working copy, commits what a step changed in one
 * transaction. Decides nothing; knows no network.
 */
import type { Delivery } from "../../../shared/alert/delivery.ts";
import type { Decision } from "../../../shared/alert/decision.ts";
import type { AlertGroup } from "../../../shared/alert/grouping.ts";
import type { AlertPolicy } from "../../../shared/alert/policy.ts";
import { completePolicy } from "../../../shared/alert/policy.ts";
import type { Silence } from "../../../shared/alert/silence.ts";
import type { AlertSubject } from "../../../shared/alert/subject.ts";
import type { CertificateWatch } from "../../../shared/monitor/certificate-watch.ts";
import type { RosterMonitor } from "../../../shared/monitor/monitor.ts";
import type { PublishedConfig } from "../../../shared/monitor/published-config.ts";
import type { Incident, Judgement, Transition } from "../../../shared/monitor/verdict.ts";
import type { WrittenIncident } from "../../../shared/monitor/written-incident.ts";
import type { Run } from "../../../shared/probe/run.ts";
import { runKey } from "../../../shared/probe/run.ts";
import type { StoredChannel } from "../channels/stored-channel.ts";
import { loadCirculation, saveCirculation } from "./circulation-state.ts";
import { loadAccounts, saveAccounts } from "./account-store.ts";
import type { ObjectDatabase, SqlRow } from "./database.ts";
import { loadPacked, savePacked } from "./database.ts";
import { History } from "./history.ts";
import type { Bucket } from "./rollups.ts";
import { encodeRows } from "./rollups.ts";
import type { Changes, Monitoring, State, Tail } from "./state.ts";
import { initialState } from "./state.ts";
import { migrateStorage } from "./storage-schema.ts";
import { VoteStore } from "./vote-store.ts";

function body<T>(row: SqlRow): T {
  return JSON.parse(String(row["body"])) as T;
}

/** The object's storage. */
export class Store {
  readonly #database: ObjectDatabase;
  readonly #votes: VoteStore;
  /** What is stored beyond the working copy. */
  readonly history: History;

  constructor(database: ObjectDatabase) {
    migrateStorage(database);
    this.#database = database;
    this.#votes = new VoteStore(database);
    this.history = new History(database);
  }

  /** Loads the working copy. */
  load(): State {
    const state = initialState();
    const packed = loadPacked(this.#database, "");
    state.tail = (packed.get("tail") as Tail | undefined) ?? state.tail;
    state.config = (packed.get("config") as PublishedConfig | undefined) ?? null;
    state.monitoring = (packed.get("monitoring") as Monitoring | undefined) ?? state.monitoring;
    state.channels = (packed.get("channels") as StoredChannel[] | undefined) ?? [];
    const policy = packed.get("alert_policy") as AlertPolicy | undefined;
    if (policy !== undefined) state.alertPolicy = completePolicy(policy);
    state.silences = (packed.get("silences") as Silence[] | undefined) ?? [];
    state.writtenIncidents =
      (packed.get("written_incidents") as WrittenIncident[] | undefined) ?? [];
    state.roster = (packed.get("roster") as RosterMonitor[] | undefined) ?? [];
    state.accounts = loadAccounts(packed);
    for (const [name, value] of packed) {
      if (name.startsWith("certificate/")) {
        const watch = value as CertificateWatch;
        state.certificates.set(watch.monitor, watch);
      }
    }
    this.#votes.load(packed, state);
    for (const row of this.#database.query("SELECT body FROM judgements")) {
      const judgement = body<Judgement>(row);
      state.judgements.set(judgement.monitor, judgement);
    }
    for (const row of this.#database.query(
      "SELECT body FROM deliveries WHERE state = 'pending' ORDER BY created_at_ms, id",
    )) {
      const delivery = body<Delivery>(row);
      state.outbox.set(delivery.id, delivery);
    }
    for (const row of this.#database.query("SELECT body FROM alert_subjects ORDER BY rowid")) {
      const subject = body<AlertSubject>(row);
      state.alertSubjects.set(subject.id, subject);
    }
    for (const row of this.#database.query("SELECT body FROM alert_groups")) {
      const group = body<AlertGroup>(row);
      state.alertGroups.set(group.key, group);
    }
    for (const row of this.#database.query("SELECT key, scheduled_at_ms FROM seen_runs")) {
      state.seen.set(String(row["key"]), Number(row["scheduled_at_ms"]));
    }
    state.circulation = loadCirculation(this.#database);
    return state;
  }

  /** Writes all that a step changed, or nothing; throws when the storage refuses. */
  commit(changes: Changes): void {
    try {
      this.#database.transaction(() => this.#write(changes));
    } catch (error) {
      this.#votes.doubt();
      throw error;
    }
  }

  #write(changes: Changes): void {
    const database = this.#database;
    if (changes.tail !== null) savePacked(database, "tail", changes.tail);
    if (changes.config !== null) savePacked(database, "config", changes.config);
    if (changes.monitoring !== null) savePacked(database, "monitoring", changes.monitoring);
    if (changes.channels !== null) savePacked(database, "channels", changes.channels);
    if (changes.alertPolicy !== null) savePacked(database, "alert_policy", changes.alertPolicy);
    if (changes.silences !== null) savePacked(database, "silences", changes.silences);
    if (changes.writtenIncidents !== null) {
      savePacked(database, "written_incidents", changes.writtenIncidents);
    }
    if (changes.roster !== null) savePacked(database, "roster", changes.roster);
    for (const [region, change] of changes.regions) this.#votes.save(region, change);
    if (changes.accounts !== null) saveAccounts(database, changes.accounts);
    for (const [monitor, watch] of changes.certificates) {
      savePacked(database, `certificate/${monitor}`, watch);
    }
    this.#saveJudgements(changes);
    for (const { incident, monitorName } of changes.incidents.values()) {
      this.#saveIncident(incident, monitorName);
    }
    for (const transition of changes.transitions) this.#saveTransition(transition);
    for (const delivery of changes.deliveries.values()) this.#saveDelivery(delivery);
    for (const [id, subject] of changes.alertSubjects) {
      this.#saveAlert("alert_subjects", id, subject);
    }
    for (const [key, group] of changes.alertGroups) this.#saveAlert("alert_groups", key, group);
    saveCirculation(database, changes.circulation);
    for (const decision of changes.decisions) this.#saveDecision(decision);
    for (const [key, scheduledAtMs] of changes.seen) {
      database.query("INSERT OR IGNORE INTO seen_runs VALUES (?, ?)", key, scheduledAtMs);
    }
    for (const run of changes.keptRuns) this.#keepRun(run);
    for (const bucket of changes.buckets.values()) this.#saveBucket(bucket);
  }

  #saveJudgements(changes: Changes): void {
    for (const [monitor, judgement] of changes.judgements) {
      this.#database.query(
        `INSERT INTO judgements (monitor, body) VALUES (?, ?)
         ON CONFLICT (monitor) DO UPDATE SET body = excluded.body`,
        monitor,
        JSON.stringify(judgement),
      );
    }
    for (const monitor of changes.retiredJudgements) {
      this.#database.query("DELETE FROM judgements WHERE monitor = ?", monitor);
    }
  }

  #saveIncident(incident: Incident, monitorName: string): void {
    this.#database.query(
      `INSERT INTO incidents
         (id, monitor, monitor_name, started_at_ms, ended_at_ms, body, dirty)
       VALUES (?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT (id) DO UPDATE SET monitor_name = excluded.monitor_name,
         ended_at_ms = excluded.ended_at_ms, body = excluded.body, dirty = 1`,
      incident.id,
      incident.monitor,
      monitorName,
      incident.startedAtMs,
      incident.endedAtMs,
      JSON.stringify(incident),
    );
  }

  #saveTransition(transition: Transition): void {
    this.#database.query(
      `INSERT OR IGNORE INTO transitions (id, incident, at_ms, body, dirty)
       VALUES (?, ?, ?, ?, 1)`,
      transition.id,
      transition.incident,
      transition.atMs,
      JSON.stringify(transition),
    );
  }

  #saveDelivery(delivery: Delivery): void {
    this.#database.query(
      `INSERT INTO deliveries (id, channel, monitor, incident, state, created_at_ms, body, dirty)
       VALUES (?, ?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body, dirty = 1`,
      delivery.id,
      delivery.channel,
      delivery.monitor,
      delivery.incident,
      delivery.state,
      delivery.createdAtMs,
      JSON.stringify(delivery),
    );
    for (const subject of delivery.subjects ?? []) {
      this.#database.query(
        "INSERT OR IGNORE INTO delivery_subjects (subject, delivery) VALUES (?, ?)",
        subject,
        delivery.id,
      );
    }
  }

  #saveAlert(table: "alert_subjects" | "alert_groups", id: string, value: object | null): void {
    if (value === null) {
      this.#database.query(`DELETE FROM ${table} WHERE id = ?`, id);
      return;
    }
    this.#database.query(
      `INSERT INTO ${table} (id, body) VALUES (?, ?)
       ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
      id,
      JSON.stringify(value),
    );
  }

  #saveDecision(decision: Decision): void {
    this.#database.query(
      "INSERT INTO decisions (subject, at_ms, body) VALUES (?, ?, ?)",
      decision.subject,
      decision.atMs,
      JSON.stringify(decision),
    );
  }

  #keepRun(run: Run): void {
    this.#database.query(
      "INSERT OR IGNORE INTO kept_runs (key, scheduled_at_ms, body) VALUES (?, ?, ?)",
      runKey(run),
      run.scheduledAtMs,
      JSON.stringify(run),
    );
  }

  #saveBucket(bucket: Bucket): void {
    this.#database.query(
      `INSERT INTO buckets (resolution, region, start_ms, part, body, dirty)
       VALUES (?, ?, ?, ?, ?, 1)
       ON CONFLICT (resolution, region, start_ms, part)
         DO UPDATE SET body = excluded.body, dirty = dirty + 1`,
      bucket.resolution,
      bucket.region,
      bucket.startMs,
      bucket.part,
      encodeRows(bucket),
    );
  }
}
