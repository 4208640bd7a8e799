/**
 * `/backup` and `/restores`: everything that the network knows as one file, and back.
 *
 * The file holds secrets in the open, those of channels too, so that another network can have them: it
 * is answered to the token only, never cached, and no line of it is ever logged. What it consists of
 * is said in `db/backup-store.ts` for D1 and in `object/backup-cut.ts` for the object; a restore is
 * carried out by the object.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { BackupHeader } from "../../../shared/backup-file.ts";
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
  loadHistoryRows,
  newestMigration,
} from "../db/backup-store.ts";
import { openRowForBackup } from "../channels/carried-channel.ts";
import { openMonitorRow } from "../db/monitor-row.ts";
import { openSubscriptionRow } from "../subscriptions/sealed-subscription.ts";
import type { Env } from "../env.ts";
import { sealingKeysOf } from "../env.ts";
import type { RestoreStatus, RestoreStep } from "../object/restore-state.ts";
import { WORK_DEADLINE_MS, askCoordinator } from "./coordinator-calls.ts";
import { ProblemError, invalidBody, notFound, unavailable } from "./problem.ts";
import type { Router } from "./router.ts";
import { createRouter, json, jsonBody, problems } from "./router.ts";

const CONTENT_TYPE = "application/vnd.echoquorum.backup";
/** Parts of one file; each is at most as long as a request's body. */
const PARTS_MAX = 2_000;
const TAGS = ["Backup and restore"];

const restoreSchema = z
  .strictObject({
    id: z.string(),
    state: z.enum(["staging", "committing", "done", "failed"]),
    error: z.string().nullable().openapi({ description: "What went wrong last." }),
  })
  .meta({ id: "Restore" });

const beginSchema = z
  .strictObject({
    replace: z
      .boolean()
      .default(false)
      .openapi({ description: "Whether what the network has may be lost." }),
    header: backupHeaderSchema.openapi({ description: "First line of the file." }),
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
  description: "Whole lines, in parts numbered from 0. Sending a part again replaces it.",
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
    const lines = await beginBackup(context.env);
    const name = `echoquorum-${new Date().toISOString().replaceAll(/[:.]/g, "")}.backup`;
    return context.body(streamOf(lines), 200, {
      "content-type": CONTENT_TYPE,
      "content-disposition": `attachment; filename="${name}"`,
    });
  });

  router.openapi(beginRoute, async (context) => {
    const { header, replace } = context.req.valid("json");
    await refuseUnfit(context.env, header);
    if (!replace && !(await isUnconfigured(context.env.DB))) {
      throw refusal("This network has a configuration already.");
    }
    const id = crypto.randomUUID();
    const begun = await askCoordinator(context.env, (each) => each.beginRestore(id, replace));
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

function render({ id, state, error }: RestoreStatus): z.output<typeof restoreSchema> {
  return { id, state, error };
}

/** Takes the object's cut, and gives the file's text in pieces. */
async function beginBackup(env: Env): Promise<AsyncGenerator<string>> {
  const cut = await askCoordinator(env, (each) => each.cutBackup(), WORK_DEADLINE_MS);
  if (cut === null) {
    throw unavailable("The network is too large to be backed up at one moment.");
  }
  const migration = await newestMigration(env.DB);
  const keys = sealingKeysOf(env);
  const configuration = await Promise.all(
    (await loadConfigurationRows(env.DB)).map(async (entry) => {
      if (entry.table === "monitors") {
        return { ...entry, row: await openMonitorRow(entry.row, keys) };
      }
      if (entry.table === "subscriptions") {
        return { ...entry, row: await openSubscriptionRow(entry.row, keys) };
      }
      if (entry.table !== "channels") return entry;
      return { ...entry, row: await openRowForBackup(entry.row, keys) };
    }),
  );
  const createdAt = new Date().toISOString();
  async function* lines() {
    const writer = new BackupWriter();
    yield writer.header({ release: VERSION, createdAt, migration, storage: cut?.storage ?? 0 });
    yield writer.rows(configuration.map(encodeBackupRow));
    for await (const rows of loadHistoryRows(env.DB)) yield writer.rows(rows.map(encodeBackupRow));
    for (let page = 0; page < (cut?.pages ?? 0); page += 1) {
      const texts = await askCoordinator(env, (each) => each.backupPage(cut?.cut ?? "", page));
      // The reader sees a file without an end.
      if (texts === null) throw unavailable("The coordinator began a new life meanwhile.");
      yield writer.rows(texts);
    }
    yield writer.end();
  }
  return lines();
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
