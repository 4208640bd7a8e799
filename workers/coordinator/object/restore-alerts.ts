/**
 * Gives up in restored tables what was still to be told, so that a restore by itself tells nobody
 * anything. What that means for each alert is decided in `shared/alert/restored.ts`.
 */
import type { Delivery } from "../../../shared/alert/delivery.ts";
import type { AlertGroup } from "../../../shared/alert/grouping.ts";
import { restoreDelivery, restoreGroup, restoreSubject } from "../../../shared/alert/restored.ts";
import type { AlertSubject } from "../../../shared/alert/subject.ts";
import type { BackupRow } from "../../../shared/backup-file.ts";
import type { ObjectDatabase, SqlRow } from "./database.ts";

function body<T>(row: SqlRow): T {
  return JSON.parse(String(row["body"])) as T;
}

/** A row of deliveries, of D1 or the object, with a delivery that is not sent any more. */
export function giveUpDelivery(row: BackupRow["row"]): BackupRow["row"] {
  if (row["state"] !== "pending") return row;
  const delivery = restoreDelivery(body<Delivery>(row));
  return { ...row, state: delivery.state, body: JSON.stringify(delivery) };
}

/** Rows that are looked at at once. */
const PORTION_ROWS = 200;

/** What a selection with conditions finds, by its id and some at a time. */
function* rowsOf(database: ObjectDatabase, selection: string): Generator<SqlRow> {
  let rows: SqlRow[] = [];
  let last = "";
  do {
    rows = database.query(`${selection} AND id > ? ORDER BY id LIMIT ${PORTION_ROWS}`, last);
    yield* rows;
    last = String(rows.at(-1)?.["id"]);
  } while (rows.length === PORTION_ROWS);
}

/** Gives up what was still to be told at the backup; inside of a transaction. */
export function settleAlerts(database: ObjectDatabase, nowMs: number): void {
  const givenUp = new Set<string>();
  const pending = "SELECT id, state, body FROM deliveries WHERE state = 'pending'";
  for (const row of rowsOf(database, pending)) {
    const { id = null, state = null, body: text = null } = giveUpDelivery(row);
    database.query("UPDATE deliveries SET state = ?, body = ? WHERE id = ?", state, text, id);
    givenUp.add(String(id));
  }
  for (const row of rowsOf(database, "SELECT id, body FROM alert_groups WHERE 1 = 1")) {
    const group = JSON.stringify(restoreGroup(body<AlertGroup>(row)));
    database.query("UPDATE alert_groups SET body = ? WHERE id = ?", group, row["id"] ?? null);
  }
  for (const row of rowsOf(database, "SELECT id, body FROM alert_subjects WHERE 1 = 1")) {
    const { subject, decisions } = restoreSubject(body<AlertSubject>(row), givenUp, nowMs);
    const text = JSON.stringify(subject);
    database.query("UPDATE alert_subjects SET body = ? WHERE id = ?", text, subject.id);
    for (const decision of decisions) {
      const sql = "INSERT INTO decisions (subject, at_ms, body) VALUES (?, ?, ?)";
      database.query(sql, decision.subject, nowMs, JSON.stringify(decision));
    }
  }
}
