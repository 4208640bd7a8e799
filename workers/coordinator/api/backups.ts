/**
 * `/backup` and `/restores`: everything that the network knows as one file, and back.
 *
 * The file holds secrets in the open, those of channels too, so that another network can have them: it
 * is answered to the token only, never cached, and no line of it is ever logged. What it consists of
 * is said in `db/backup-store.ts` for D1 and in `object/backup-cut.ts` for the object; a restore is
 * carried out by the object.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { BackupHeader, BackupRow } from "../../../shared/backup-file.ts";
import {
  BACKUP_FORMAT,
  BackupWriter,
  backupHeaderSchema,
  encodeBackupRow,
} from "../../../shared/backup-file.ts";
import { VERSION } from "../../../shared/version.ts";
import {
  isUnconfigured,
  loadConfigurationRows,
  loadPagedRows,
  newestMigration,
} from "../db/backup-store.ts";
import { openRowForBackup } from "../channels/carried-channel.ts";
import { openMonitorRow } from "../db/monitor-row.ts";
import { openSubscriptionRow } from "../subscriptions/sealed-subscription.ts";
import type { Env } from "../env.ts";
import { coordinatorCount, sealingKeysOf } from "../env.ts";
import type { BackupPage } from "../object/backup-cut.ts";
import type { RestoreStatus, RestoreStep } from "../object/restore-state.ts";
import type { SealingKeys } from "../../sealing.ts";
import { WORK_DEADLINE_MS, askCoordinator } from "./coordinator-calls.ts";
import { ProblemError, invalidBody, notFound, unavailable } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, jsonBody, problems } from "./router.ts";

const CONTENT_TYPE = "application/vnd.echoquorum.backup";
/** Parts of one file, of more than a storage holds; each is at most as long as a request's body. */
const PARTS_MAX = 100_000;
/** Rows of the configuration in one piece of the file. */
const PORTION_ROWS = 200;
/** How often each object hears that its part is still wanted, in milliseconds. */
const HOLD_EVERY_MS = 20_000;
/** Tables of D1 with secrets, and what opens a row. */
const OPENED: Readonly<
  Record<string, (row: BackupRow["row"], keys: SealingKeys) => Promise<BackupRow["row"]>>
> = {
  monitors: openMonitorRow,
  channels: openRowForBackup,
  subscriptions: openSubscriptionRow,
};
const TAGS = ["Backup and restore"];

const restoreSchema = z
  .strictObject({
    id: z.string(),
    state: z.enum(["staging", "committing", "done", "failed"]),
    error: z.string().nullable().openapi({ description: "What went wrong last." }),
    partsLeft: z.int().openapi({ description: "Parts with rows that are still to be written." }),
  })
  .meta({ id: "Restore" });

const beginSchema = z
  .strictObject({
    replace: z
      .boolean()
      .default(false)
      .openapi({ description: "Whether what the network has may be lost." }),
    header: backupHeaderSchema.meta({ description: "First line of the file." }),
  })
  .meta({ id: "RestoreInput" });

const idParams = z.strictObject({
  id: z.string().openapi({ description: "Id of the restore." }),
});

const backupRoute = createRoute({
  method: "get",
  path: "/backup",
  tags: TAGS,
  summary: "Back everything up but the raw run log",
  description:
    "The file holds the secrets of monitors and channels, and subscribers' addresses, in the " +
    "open: keep it like one.",
  responses: {
    200: {
      description: "Lines of JSON; only a file that has its last line is whole",
      content: { [CONTENT_TYPE]: { schema: z.string() } },
    },
    ...problems(401, 503),
  },
});

const beginRoute = createRoute({
  method: "post",
  path: "/restores",
  tags: TAGS,
  summary: "Begin a restore",
  description: "Refused unless the network is empty or may be replaced. Nothing changes yet.",
  request: { body: jsonBody(beginSchema) },
  responses: {
    201: json("The restore", restoreSchema),
    ...problems(400, 401, 409, 413, 415, 422, 503),
  },
});

const partRoute = createRoute({
  method: "put",
  path: "/restores/{id}/parts/{part}",
  tags: TAGS,
  summary: "Send a part of the file",
  description:
    "Whole lines, in parts numbered from 0 and in their order. The last one that was taken may be " +
    "sent again. A part that does not fit is refused, and nothing is changed by it.",
  request: {
    params: idParams.extend({
      part: z.coerce
        .number()
        .pipe(
          z
            .int()
            .min(0)
            .max(PARTS_MAX - 1),
        )
        .openapi({ type: "integer", description: "Number of the part." }),
    }),
    body: {
      required: true,
      content: { [CONTENT_TYPE]: { schema: z.string().openapi({ format: "binary" }) } },
    },
  },
  responses: { 200: json("The restore", restoreSchema), ...problems(401, 404, 409, 413, 503) },
});

const commitRoute = createRoute({
  method: "post",
  path: "/restores/{id}/commit",
  tags: TAGS,
  summary: "Carry a restore out",
  description:
    "Accepted once the file is whole and sound; from then on it is carried out for sure.",
  request: { params: idParams },
  responses: { 202: json("The restore", restoreSchema), ...problems(401, 404, 409, 503) },
});

const statusRoute = createRoute({
  method: "get",
  path: "/restores/{id}",
  tags: TAGS,
  summary: "See how far a restore has come",
  request: { params: idParams },
  responses: { 200: json("The restore", restoreSchema), ...problems(401, 404, 503) },
});

/** Routes of backup and restore. */
export function backupRoutes(): Router {
  const router = createRouter();

  router.openapi(backupRoute, async (context) => {
    const name = `echoquorum-${new Date().toISOString().replaceAll(/[:.]/g, "")}.backup`;
    const headers = {
      "content-type": CONTENT_TYPE,
      "content-disposition": `attachment; filename="${name}"`,
    };
    // Who asks for these alone must not take the place of a backup that is being read.
    if (context.req.method === "HEAD") return context.body(null, 200, headers);
    return context.body(streamOf(await beginBackup(context.env)), 200, headers);
  });

  router.openapi(beginRoute, async (context) => {
    const { header, replace } = context.req.valid("json");
    await refuseUnfit(context.env, header);
    if (!replace && !(await isUnconfigured(context.env.DB))) {
      throw refusal("This network has a configuration already.");
    }
    const id = crypto.randomUUID();
    const { migration, storage } = header;
    const origin = { migration, storage };
    const begun = await askCoordinator(context.env, (each) =>
      each.beginRestore(id, replace, origin),
    );
    return context.json(renderStep(begun), 201);
  });

  router.openapi(partRoute, async (context) => {
    const { id, part } = context.req.valid("param");
    await requireRestore(context.env, id);
    const text = await context.req.text();
    const taken = await askCoordinator(context.env, (each) => each.putRestorePart(id, part, text));
    return context.json(renderStep(taken), 200);
  });

  router.openapi(commitRoute, async (context) => {
    const { id } = context.req.valid("param");
    await requireRestore(context.env, id);
    const step = await askCoordinator(
      context.env,
      (each) => each.commitRestore(id),
      WORK_DEADLINE_MS,
    );
    return context.json(renderStep(step), 202);
  });

  router.openapi(statusRoute, async (context) => {
    const { id } = context.req.valid("param");
    return context.json(render(await requireRestore(context.env, id)), 200);
  });
  return router;
}

async function requireRestore(env: Env, id: string): Promise<RestoreStatus> {
  const status = await askCoordinator(env, (each) => each.restoreStatus(id));
  if (status === null) throw notFound("restore", id);
  return status;
}

/** Rows mean the same only to the release that stores them so. */
async function refuseUnfit(env: Env, header: BackupHeader): Promise<void> {
  if (header.echoquorumBackup > BACKUP_FORMAT) {
    const message = `expected at most ${BACKUP_FORMAT}, the newest format of this release`;
    throw invalidBody([{ field: "header.echoquorumBackup", message }]);
  }
  const [migration, storage] = await Promise.all([
    newestMigration(env.DB),
    askCoordinator(env, (each) => each.storageVersion()),
  ]);
  const coordinators = coordinatorCount(env);
  if ((header.coordinators ?? 1) !== coordinators) {
    const wanted = header.coordinators ?? 1;
    const message = `expected ${coordinators}, as the network has: set COORDINATOR_SHARDS to ${wanted}`;
    throw invalidBody([{ field: "header.coordinators", message }]);
  }
  const advice = `restore with the release that wrote it (${header.release}), then upgrade`;
  if (header.migration !== migration) {
    const message = `expected ${migration}, the present one: ${advice}`;
    throw invalidBody([{ field: "header.migration", message }]);
  }
  if (header.storage !== storage) {
    const message = `expected ${storage}, the present one: ${advice}`;
    throw invalidBody([{ field: "header.storage", message }]);
  }
}

function refusal(why: string): ProblemError {
  return new ProblemError("conflict", `${why} Nothing was changed.`);
}

function renderStep(step: RestoreStep): z.output<typeof restoreSchema> {
  if ("refused" in step) throw refusal(step.refused);
  return render(step);
}

function render(status: RestoreStatus): z.output<typeof restoreSchema> {
  const { id, state, error, partsLeft } = status;
  return { id, state, error, partsLeft };
}

/** Opens the object's part, and gives the file's text in pieces. */
async function beginBackup(env: Env): Promise<AsyncGenerator<string>> {
  const opened = await askCoordinator(env, (each) => each.cutBackup());
  if (opened === null) throw unavailable("A restore is being carried out.");
  const createdAt = new Date().toISOString();
  const migration = await newestMigration(env.DB);
  // What people have configured is read before anything is written, so that a moment later it is too.
  const configuration = await loadConfigurationRows(env.DB);
  const count = coordinatorCount(env);
  const written = { release: VERSION, createdAt, migration, storage: opened.storage };
  const header = count === 1 ? written : { ...written, coordinators: count };
  async function* pieces() {
    const writer = new BackupWriter();
    try {
      yield writer.header(header);
      for await (const rows of databaseRows(env, configuration, opened?.cut ?? "")) {
        yield writer.rows(rows.map(encodeBackupRow));
      }
      for await (const lines of objectLines(env, opened?.cut ?? "")) yield writer.rows(lines);
      yield writer.end();
    } finally {
      // Whatever was not ended ends by itself once nobody has read from it for a while.
      await askCoordinator(env, (each) => each.endBackup(opened?.cut ?? "")).catch(() => undefined);
    }
  }
  return pieces();
}

/** Rows of D1 as the file has them, some at a time; holds the object's part open meanwhile. */
async function* databaseRows(
  env: Env,
  configuration: readonly BackupRow[],
  cut: string,
): AsyncGenerator<BackupRow[]> {
  const keys = sealingKeysOf(env);
  for (let from = 0; from < configuration.length; from += PORTION_ROWS) {
    const portion = configuration.slice(from, from + PORTION_ROWS);
    yield await Promise.all(portion.map((entry) => openRow(entry, keys)));
  }
  const hold = holder(env, cut);
  for await (const rows of loadPagedRows(env.DB)) {
    await hold();
    yield await Promise.all(rows.map((entry) => openRow(entry, keys)));
  }
}

/** Lines of the objects' parts; holds those open that are not being read yet. */
async function* objectLines(env: Env, cut: string): AsyncGenerator<string[]> {
  let after: string | null = null;
  const hold = holder(env, cut);
  do {
    await hold();
    const from: string | null = after;
    const page: BackupPage | null = await askCoordinator(env, (each) => each.backupPage(cut, from));
    if (page === null) throw ended();
    yield page.lines;
    after = page.next;
  } while (after !== null);
}

/** What holds the parts of all coordinators open, if it is called often; rejects once one is over. */
function holder(env: Env, cut: string): () => Promise<void> {
  let heldAtMs = Date.now();
  return async () => {
    if (Date.now() - heldAtMs <= HOLD_EVERY_MS) return;
    heldAtMs = Date.now();
    // The reader sees a file without an end.
    if (!(await askCoordinator(env, (each) => each.holdBackup(cut)))) throw ended();
  };
}

function ended(): ProblemError {
  return unavailable("Another backup or a restore has begun meanwhile, or this one took too long.");
}

/** A row of D1 with its secrets in the open. */
async function openRow(entry: BackupRow, keys: SealingKeys): Promise<BackupRow> {
  const open = OPENED[entry.table];
  return open === undefined ? entry : { ...entry, row: await open(entry.row, keys) };
}

/** A body that is made as it is read. */
function streamOf(pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}
