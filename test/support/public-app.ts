/** All that the coordinator serves to everybody, with a status that the test sets. Node only. */
import { Hono } from "hono";
import { apiRoutes } from "../../workers/coordinator/api/app.ts";
import { machineRoutes } from "../../workers/coordinator/api/machines.ts";
import type { Env } from "../../workers/coordinator/env.ts";
import type { NetworkStatus } from "../../workers/coordinator/object/rpc.ts";
import { pageEnvironment } from "./page-environment.ts";
import * as worlds from "./network-worlds.ts";

/** The routes, and the status that the coordinator answers. */
export interface PublicApp {
  status: NetworkStatus;
  request(path: string, headers?: Record<string, string>): Promise<Response>;
}

/** Mounts the routes as the coordinator Worker does. */
export function publicApp(): PublicApp {
  const app = new Hono<{ Bindings: Env }>();
  app.route("/", machineRoutes());
  app.route("/", apiRoutes());
  const machines: PublicApp = {
    status: worlds.calm(),
    request: async (path, headers = {}) =>
      app.request(path, { headers }, pageEnvironment({ status: () => machines.status })),
  };
  return machines;
}
