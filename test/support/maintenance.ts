/** Windows of maintenance for tests: complete ones, of which a test names what matters. */
import type { Maintenance } from "../../shared/monitor/maintenance.ts";
import { maintenanceSchema } from "../../shared/monitor/maintenance.ts";

/** A validated window over everything unless it says otherwise. */
export function makeMaintenance(
  fields: Partial<Maintenance> & Pick<Maintenance, "startsAtMs" | "endsAtMs">,
): Maintenance {
  return maintenanceSchema.parse({ id: "upgrade", name: "Database upgrade", ...fields });
}
