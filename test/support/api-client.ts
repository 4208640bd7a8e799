/**
 * The coordinator's API as a client sees it, on a real database in local workerd. The coordinator's
 * object is a stand-in that answers what a test puts into it and remembers what it was asked.
 */
import type { Decision } from "../../shared/alert/decision.ts";
import type { Delivery } from "../../shared/alert/delivery.ts";
import type { Rollup } from "../../shared/monitor/rollup.ts";
import type { Verdict } from "../../shared/monitor/verdict.ts";
import type { Observation } from "../../shared/probe/observation.ts";
import { apiRoutes } from "../../workers/coordinator/api/app.ts";
import type { Env } from "../../workers/coordinator/env.ts";
import type {
  ChannelTestResult,
  CoordinatorRpc,
  IncidentWithTimeline,
  NetworkStatus,
  RebuildResult,
  RetryResult,
} from "../../workers/coordinator/object/rpc.ts";
import type { BackupPage } from "../../workers/coordinator/object/backup-cut.ts";
import type { RestoreStatus, RestoreStep } from "../../workers/coordinator/object/restore-state.ts";
import type { ApiDescription } from "./api-description.ts";
import { findDeviation } from "./api-description.ts";
import type { TestDatabase } from "./database.ts";
import { openTestDatabase } from "./database.ts";
import { Execution } from "./execution.ts";

/** The token that the API under test expects. */
export const TOKEN = "correct-horse-battery-staple";

/** The key that seals secrets in it. */
export const SEALING_KEY = Buffer.alloc(32, 7).toString("base64");

/** Stands in for the coordinator's object. */
export class StandInCoordinator implements CoordinatorRpc {
  /** Methods that were called, with their arguments. */
  calls: Array<[method: string, ...args: unknown[]]> = [];
  /** When set, every call fails with it. */
  failure: Error | null = null;
  status: NetworkStatus = emptyStatus();
  verdicts = new Map<string, Verdict>();
  observations = new Map<string, Observation[]>();
  incidentList: IncidentWithTimeline[] = [];
  deliveryList: Delivery[] = [];
  rollupList: Rollup[] = [];
  testResults = new Map<string, ChannelTestResult>();
  backup: { cut: string; storage: number } | null = { cut: "cut", storage: 1 };
  /** By what comes before. */
  backupPages = new Map<string | null, BackupPage>([[null, { lines: [], next: null }]]);
  restores = new Map<string, RestoreStatus>();

  wake = () => this.answer(undefined, "wake");
  configChanged = () => this.answer(undefined, "configChanged");
  networkStatus = () => this.answer(this.status, "networkStatus");
  monitorStatus = (id: string) =>
    this.answer(this.status.monitors.find((each) => each.id === id) ?? null, "monitorStatus", id);
  pages: string[] | null = null;
  pageSettings = () => this.answer(this.pages, "pageSettings");
  verdict = (id: string) => this.answer(this.verdicts.get(id) ?? null, "verdict", id);
  checkNow = (id: string) => this.answer(this.observations.get(id) ?? null, "checkNow", id);
  incidents = (query: unknown) => this.answer(this.incidentList, "incidents", query);
  incident = (id: string) => this.answer(this.find(id), "incident", id);
  acknowledge = (id: string) => this.answer(this.find(id), "acknowledge", id);
  deliveries = (query: unknown) => this.answer(this.deliveryList, "deliveries", query);
  rollups = (...call: unknown[]) => this.answer(this.rollupList, "rollups", ...call);
  rebuilt: RebuildResult = { days: [], nextMs: null };
  retries = new Map<string, RetryResult>();

  rebuildRollups = (window: unknown) => this.answer(this.rebuilt, "rebuildRollups", window);
  decisionList: Decision[] = [];

  retryDelivery = (id: string) => this.answer(this.retries.get(id) ?? null, "retryDelivery", id);
  decisions = (id: string) =>
    this.answer(this.find(id) === null ? null : this.decisionList, "decisions", id);
  testChannel = (id: string) => this.answer(this.testResults.get(id) ?? null, "testChannel", id);

  cutBackup = () => this.answer(this.backup, "cutBackup");
  backupPage = (_cut: string, after: string | null) =>
    this.answer(this.backupPages.get(after) ?? null, "backupPage", after);
  holdBackup = (_cut: string) => this.answer(true, "holdBackup");
  endBackup = (_cut: string): Promise<void> => this.answer(undefined, "endBackup");
  storageVersion = () => this.answer(1, "storageVersion");
  readToMs = () => this.answer(0, "readToMs");
  restoring = false;
  isRestoring = () => this.answer(this.restoring, "isRestoring");
  beginRestore: CoordinatorRpc["beginRestore"] = (id) =>
    this.answer(this.restoreStep(id), "beginRestore", id);
  putRestorePart: CoordinatorRpc["putRestorePart"] = (id) =>
    this.answer(this.restoreStep(id), "putRestorePart", id);
  commitRestore = (id: string) => this.answer(this.restoreStep(id), "commitRestore", id);
  restoreStatus = (id: string) => this.answer(this.restores.get(id) ?? null, "restoreStatus", id);

  private restoreStep(id: string): RestoreStep {
    return this.restores.get(id) ?? { refused: `There is no restore ${id}.` };
  }

  private find(id: string): IncidentWithTimeline | null {
    return this.incidentList.find((incident) => incident.id === id) ?? null;
  }

  private async answer<T>(value: T, ...call: [string, ...unknown[]]): Promise<T> {
    this.calls.push(call);
    if (this.failure !== null) throw this.failure;
    return value;
  }
}

/** A network in which nothing has happened. */
export function emptyStatus(): NetworkStatus {
  return {
    generatedAtMs: 0,
    newestRunAtMs: null,
    config: { version: 1, defaultIntervalMs: 60_000 },
    regions: [],
    monitors: [],
    openIncidents: [],
    pastIncidents: [],
  };
}

/** An answer, its body read. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Parsed JSON; null when it is none. */
  json: unknown;
}

/** What a request carries beside method and path. */
export interface RequestOptions {
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: BodyInit;
  headers?: Record<string, string>;
  /** Null: no `Authorization` header. */
  token?: string | null;
}

/** The API on a database of its own. */
export interface TestApi {
  database: TestDatabase;
  coordinator: StandInCoordinator;
  env: Env;
  description: ApiDescription;
  /**
   * Sends a request, waits for what it leaves to be done behind its answer, and fails when the answer
   * is not one that the API describes.
   */
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Empties the database and forgets what the stand-in was told. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the API with probes in Virginia, Frankfurt and Singapore. */
export async function openTestApi(): Promise<TestApi> {
  const database = await openTestDatabase();
  const app = apiRoutes();
  const described = await app.request("/api/v1/openapi.json");
  const description: ApiDescription = await described.json();
  const probe = { fetch: () => Promise.reject(new Error("The API asks no probe itself")) };
  const api: TestApi = {
    database,
    coordinator: new StandInCoordinator(),
    env: {} as Env,
    description,
    async send(method, path, options = {}) {
      const headers = new Headers(options.headers);
      const { token = TOKEN } = options;
      if (token !== null) headers.set("authorization", `Bearer ${token}`);
      if (options.json !== undefined) headers.set("content-type", "application/json");
      const body = options.json === undefined ? options.body : JSON.stringify(options.json);
      const execution = new Execution();
      const response = await app.request(
        path,
        { method, headers, ...(body === undefined ? {} : { body }) },
        api.env,
        execution.context,
      );
      const text = await response.text();
      await execution.settle();
      const { status } = response;
      const answer = { status, headers: response.headers, text, json: parse(text) };
      const contentType = response.headers.get("content-type");
      const deviation = findDeviation(description, { method, path }, { ...answer, contentType });
      if (deviation !== null) throw new Error(`${method} ${path} ${status}: ${deviation}\n${text}`);
      return answer;
    },
    async reset() {
      await database.clear();
      api.coordinator = new StandInCoordinator();
      api.env = {
        DB: database.db,
        COORDINATOR: { getByName: () => api.coordinator },
        CRON_PACE_MS: "60000",
        ECHOQUORUM_ADMIN_TOKEN: TOKEN,
        ECHOQUORUM_SEALING_KEY: SEALING_KEY,
        PROBE_US_EAST: probe,
        PROBE_EU_CENTRAL: probe,
        PROBE_AP_SOUTHEAST: probe,
      } as unknown as Env;
    },
    close: () => database.close(),
  };
  await api.reset();
  return api;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
