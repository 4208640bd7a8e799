/** What a probe Worker is bound to, spelled as in `wrangler.toml`. */

/** Bindings and variables of one region's probe. */
export interface Env {
  /** Id of the region, e.g. `eu-central`. */
  REGION: string;
  /** Milliseconds between two crons; less than a minute only locally. */
  CRON_PACE_MS: string;
  /**
   * DNS-over-HTTPS resolvers, separated by commas, tried in order; empty: no DNS phase. Those with
   * the path `/dns-query` are asked in wire form (RFC 8484), others in JSON (`dns-request.ts`).
   */
  DNS_RESOLVERS: string;
  /** Where a probe reads which data centre it runs in; empty: not known. */
  COLO_TRACE_URL: string;
  /** `1`: private addresses can be reached, so a refusal is the target's. Only ever locally. */
  ALLOW_PRIVATE_ADDRESSES?: string | undefined;
  /** Part of the region's monitors that this Worker checks, e.g. `2/3`; absent: all. */
  SHARD?: string | undefined;
  /** Servers that a healthy vantage always reaches, separated by commas; empty: none. */
  CONTROL_TARGETS?: string | undefined;
  /** Secret; opens the sealed headers of monitors, as the coordinator's; absent: none can be. */
  ECHOQUORUM_SEALING_KEY?: string | undefined;
  /** The run log and the published configuration. */
  DB: D1Database;
  /** The probe itself: a fetch through it runs where the Worker is placed. */
  SELF: Fetcher;
}
