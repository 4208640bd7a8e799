/**
 * Every cap and pace of the coordinator's object, with unit and reason. Numbers only.
 */

/** Pace of the alarm while awake, in milliseconds: the log tail's share of detection time. */
export const TICK_MS = 2_000;

/**
 * Time for a run's row to be written and seen, added to when it is expected, in milliseconds. Looks
 * between two ticks are reads only: no alarm is set for them.
 */
export const LOOK_MARGIN_MS = 100;
/** How soon the log is looked at again for an expected run that is not there, in milliseconds. */
export const LOOK_AGAIN_MS = 500;
/** For how long it is, in milliseconds: with {@link LOOK_AGAIN_MS} at most six looks per round. */
export const LOOK_FOR_MS = 2_500;
/** Least time between two looks, in milliseconds. */
export const LOOK_GAP_MS = 200;

/**
 * How far behind its cursor the tail reads again, in milliseconds. A run's row is written when the
 * run is over, up to two minutes after its scheduled time (a check lasts a minute at most).
 */
export const TAIL_OVERLAP_MS = 180_000;
/**
 * How far back a further coordinator of a network begins to read, in milliseconds: what was checked
 * of the first monitors that were placed with it, before it was woken.
 */
export const NEWCOMER_LOOK_BACK_MS = 30 * 60_000;
/** How often the tail looks further back for rows that came late, in milliseconds. */
export const SWEEP_EVERY_MS = 600_000;
/** How far back it looks then, in milliseconds. */
export const SWEEP_WINDOW_MS = 6 * 3_600_000;
/** How long the identity of a run is remembered, in milliseconds: longer than any second look. */
export const SEEN_KEPT_MS = SWEEP_WINDOW_MS + 3_600_000;

/** Runs in one page of the log. */
export const PAGE_RUNS_MAX = 200;
/** Packed observations in one page, in characters; a page has at least one run. */
export const PAGE_CHARACTERS_MAX = 1_500_000;
/** Pages taken in during one step, so that a long backlog does not hold up what is due. */
export const PAGES_PER_STEP_MAX = 20;

/**
 * Age of a judgement, in milliseconds, from which it counts as history: the coordinator is catching
 * up, and alerts wait until it is known whether they still hold.
 */
export const STALE_JUDGEMENT_MS = 120_000;
/** Incidents that began and ended during one absence and are kept to be told. */
export const UNTOLD_INCIDENTS_MAX = 100;

/** How often the time by verdict is entered while verdicts do not change, in milliseconds. */
export const TIME_ENTRY_EVERY_MS = 60_000;
/** How long before a calm may end it is looked at anew, in milliseconds. */
export const CALM_AHEAD_MS = 20_000;
/** How often every monitor is judged without news, so that its words stay current. */
export const JUDGE_ALL_EVERY_MS = 30_000;

/** For how long no region must be able to vote before that is told, in milliseconds. */
export const IMPAIRED_AFTER_MS = 30_000;

/** Deadline of one statement or batch of D1, in milliseconds. */
export const D1_DEADLINE_MS = 5_000;
/** Longest wait for the other coordinators of a network, in milliseconds. */
export const PEERS_DEADLINE_MS = 5_000;
/** How often configuration and channels are read again without being told, in milliseconds. */
export const CONFIG_EVERY_MS = 30_000;
/** How long runs wait at most for the configuration that they were made with, in milliseconds. */
export const CONFIG_AWAITED_MAX_MS = 60_000;
/** How often history is mirrored to D1, in milliseconds. */
export const MIRROR_EVERY_MS = 60_000;
/** Votes for which a snapshot is made at that pace; of more it is made less often, … */
export const SNAPSHOT_VOTES = 5_000;
/** … but once in so many of these times at least. */
export const SNAPSHOT_ROUNDS_MAX = 5;
/** Wait after a failed write to D1, in milliseconds. */
export const D1_RETRY_MS = 10_000;
/** How long after its end a rollup's period is mirrored, so that late runs are in it. */
export const BUCKET_GRACE_MS = 600_000;
/**
 * How long rollups of five minutes and hours stay in the object, for rows that come late and verdicts
 * that date back, in milliseconds; and on to the beginning of that day, so that blocks are whole.
 */
export const PERIODS_KEPT_MS = 48 * 3_600_000;
/** How long rollups of five minutes stay in memory, in milliseconds, late runs allowed for. */
export const FIVE_MINUTES_IN_MEMORY_MS = 6 * 60_000;
/** How long incidents, transitions and deliveries stay in the object; D1 has them for good. */
export const HISTORY_KEPT_MS = 400 * 86_400_000;
/** How often the object forgets what is too old, in milliseconds. */
export const FORGET_EVERY_MS = 3_600_000;
/**
 * How long rollups stay in D1, in milliseconds: five minutes as long as the runs that they are made
 * of by default, hours for a quarter. Days stay for good.
 */
export const BLOCKS_KEPT_MS = { "5min": 7 * 86_400_000, hour: 92 * 86_400_000 } as const;
/**
 * How long after its end a day can be rebuilt, and how far around it the log is read, in milliseconds:
 * an observation is made near the scheduled time of its run, whatever a probe's clock says.
 */
export const REBUILD_MARGIN_MS = 3_600_000;
/** Rows of five minutes that are recounted at once, which bounds the memory that it takes. */
export const REBUILD_ROWS_MAX = 60_000;
/** Rebuilt blocks that are written to D1 at once. */
export const REBUILD_BLOCKS_MAX = 500;
/** Time after which a call begins no further day, in milliseconds. */
export const REBUILD_CALL_MS = 8_000;
/** How often old runs are deleted, in milliseconds. */
export const RETENTION_EVERY_MS = 240_000;
/**
 * Runs deleted at once: 72,000 a day, which is more than eleven regions make in rounds of 15 s, and
 * leaves room in the 100,000 rows that the free plan lets be written, whatever has piled up. A network
 * that writes more than half as many goes on, each time up to…
 */
export const RETENTION_RUNS_MAX = 200;
/** …so many times what its rounds write meanwhile: some are two rows, and it has to catch up. */
export const RETENTION_FACTOR = 2;
/** How often old rollups are looked for, in milliseconds. */
export const RETENTION_BLOCKS_EVERY_MS = 86_400_000;
/** Blocks of each resolution deleted at once. */
export const RETENTION_BLOCKS_MAX = 2_000;
/** Rows of each kind in one mirroring batch. */
export const MIRROR_ROWS_MAX = 300;
/** Blocks of time whose rollups are mirrored in one go; each is a row per monitor. */
export const MIRROR_BLOCKS_MAX = 24;
/** Monitors whose blocks are put together at once, which bounds the memory that it takes. */
export const BLOCK_MONITORS_MAX = 500;
/** Runs kept while D1 failed that are flushed at once. */
export const FLUSH_RUNS_MAX = 50;
/** Runs kept while D1 fails: about a week of eleven regions at one minute. The oldest go first. */
export const KEPT_RUNS_MAX = 100_000;

/** Checks that a probe has under way at once (the platform's six connections). */
export const PROBE_CONCURRENCY = 6;
/** How long a check is assumed to take where a region's work is weighed, in milliseconds. */
export const CHECK_ASSUMED_MS = 1_000;
/** What an ask may take beyond its checks, in milliseconds. */
export const ASK_MARGIN_MS = 5_000;
/** Longest wait for an ask, in milliseconds. */
export const ASK_DEADLINE_MAX_MS = 90_000;

/**
 * How long the answers to one ask are gathered while an incident is open, in milliseconds, so that
 * a recovery is one change and not one per region. An outage is never kept waiting.
 */
export const GATHER_MS = 1_000;

/** How long after its first row was due a region's run is missed, in milliseconds. */
export const MISSING_MARGIN_MS = 10_000;
/** First and longest wait before a region that did not answer is asked again, in milliseconds. */
export const MISSING_BACKOFF_MS = { first: 15_000, longest: 300_000 } as const;

/** Deadline of one attempt to deliver, in milliseconds. */
export const DELIVERY_DEADLINE_MS = 10_000;
/** Deliveries under way at once: of the platform's six connections one is left for the asks. */
export const DELIVERIES_AT_ONCE_MAX = 5;

/** Of these places those that subscribers take together at most: alerts go first. */
export const SUBSCRIBERS_AT_ONCE_MAX = 2;
/**
 * Subscribers told in one batch, and least time between two, in milliseconds: ten a second, which with
 * all else stays below the 50 requests that one alarm may make on the free plan.
 */
export const SUBSCRIBERS_PER_BATCH_MAX = 20;
export const SUBSCRIBER_BATCH_EVERY_MS = 1_900;
/** Of a batch those that did not take the last message: each may take the whole deadline. */
export const SUSPECT_SUBSCRIBERS_PER_BATCH_MAX = 4;
/** Deadline of one attempt to tell a subscriber, in milliseconds. */
export const SUBSCRIBER_DEADLINE_MS = 5_000;
/** How often what is over of subscriptions is forgotten, in milliseconds. */
export const SUBSCRIBER_TIDY_EVERY_MS = 3_600_000;

/** Days that the status shows. */
export const STATUS_DAYS = 90;
/** Open incidents that the status shows: more than anybody reads, bounded all the same. */
export const STATUS_OPEN_INCIDENTS_MAX = 500;
/** Past incidents that the status shows. */
export const STATUS_INCIDENTS_MAX = 50;
/**
 * Places (each region, and the quorum) times monitors up to which the status has 90 days of each: as it
 * crosses to the Worker it may take 32 MiB, and a day of one place is some 60 bytes.
 */
export const STATUS_PLACES_MAX = 2_000;
/** Votes up to which the status has each: with what it was made of a vote is some 500 bytes. */
export const STATUS_VOTES_MAX = 20_000;
/** Monitors with trouble of which a larger network's status has them all the same. */
export const STATUS_TROUBLED_MAX = 500;
