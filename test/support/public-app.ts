/** All that the coordinator serves to everybody, with a status that the test sets. Node only. */
import { Hono } from "hono";
import { apiRoutes } from "../../workers/coordinator/api/app.ts";
import { keptAnswers } from "../../workers/coordinator/api/kept-answers.ts";
import { machineRoutes } from "../../workers/coordinator/api/machines.ts";
import type { Env } from "../../workers/coordinator/env.ts";
import type { NetworkStatus } from "../../workers/coordinator/object/rpc.ts";
import { pageRoutes } from "../../workers/coordinator/pages/app.tsx";
import type { Publishing } from "../../workers/coordinator/pages/publication.ts";
import { Publication } from "../../workers/coordinator/pages/publication.ts";
import { subscriptionPageRoutes } from "../../workers/coordinator/pages/subscription-app.tsx";
import { Execution } from "./execution.ts";
import type { SetUpPage } from "./page-environment.ts";
import { pageEnvironment } from "./page-environment.ts";
import * as worlds from "./network-worlds.ts";

/** Every document that programs read of a page, badges apart. */
export const DOCUMENTS = [
  "/api/v1/status",
  "/api/v2/summary.json",
  "/api/v2/status.json",
  "/api/v2/components.json",
  "/api/v2/incidents.json",
  "/api/v2/incidents/unresolved.json",
  "/api/v2/scheduled-maintenances.json",
  "/api/v2/scheduled-maintenances/upcoming.json",
  "/api/v2/scheduled-maintenances/active.json",
  "/feed.rss",
  "/feed.atom",
  "/feed.json",
  "/maintenance.ics",
];

/** The routes, and the status that the coordinator answers. */
export interface PublicApp {
  status: NetworkStatus;
  /** Pages that were set up; an Error: D1 fails. */
  pages: SetUpPage[] | Error;
  /** How often the coordinator was asked for it. */
  asked: number;
  /** Whether it fails instead. */
  fails: boolean;
  /** What it last stored in D1; null: nothing. */
  snapshot: NetworkStatus | null;
  /** @param path or an absolute address, whose host name says which page it is */
  request(path: string, headers?: Record<string, string>, method?: string): Promise<Response>;
  /** Waits for what requests left to be done behind them. */
  settle(): Promise<void>;
}

/** Mounts the routes as the coordinator Worker does. */
export function publicRoutes(publishing: Publishing = {}): Hono<{ Bindings: Env }> {
  const publication = new Publication(publishing);
  const made = new Hono<{ Bindings: Env }>();
  made.route("/", machineRoutes(publication));
  made.route("/", apiRoutes(publication));
  const app = new Hono<{ Bindings: Env }>();
  app.use(keptAnswers(publication, made.fetch));
  app.route("/", made);
  app.route("/", subscriptionPageRoutes(publication));
  app.route("/", pageRoutes({ publication }));
  return app;
}

/** The routes over a status that the test sets. */
export function publicApp(publishing: Publishing = {}): PublicApp {
  const app = publicRoutes(publishing);
  const execution = new Execution();
  const status = () => {
    machines.asked += 1;
    return machines.fails ? new Error("object unreachable") : machines.status;
  };
  const environment = pageEnvironment({
    status,
    get pages() {
      return machines.pages;
    },
    get snapshot() {
      return machines.snapshot && JSON.stringify(machines.snapshot);
    },
  });
  const machines: PublicApp = {
    status: worlds.calm(),
    pages: [],
    asked: 0,
    fails: false,
    snapshot: null,
    request: async (path, headers = {}, method = "GET") =>
      app.request(path, { headers, method }, environment, execution.context),
    settle: () => execution.settle(),
  };
  return machines;
}
