/** The object's storage, which notes how much it was asked to hand over at once. */
import type { SqlRow, SqlValue } from "../../workers/coordinator/object/database.ts";
import { TestObjectDatabase } from "./object-database.ts";

/** A database that knows the largest answer of a query, and the largest row written. */
export class MeasuredDatabase extends TestObjectDatabase {
  mostBytes = 0;

  override query(sql: string, ...values: SqlValue[]): SqlRow[] {
    const rows = super.query(sql, ...values);
    const bytes = Buffer.byteLength(JSON.stringify([rows, values]));
    this.mostBytes = Math.max(this.mostBytes, bytes);
    return rows;
  }
}
