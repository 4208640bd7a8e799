/**
 * In which order a deployment does what, so that it works the first time and every time after.
 *
 * Bindings run from the coordinator to the probes, so probes come first. The schema comes before the
 * code that relies on it: migrations first, unless the database does not exist yet. Then the first
 * probe creates it, and migrations follow at once; until then that one probe finds no table, reports
 * so and stores nothing. Where a region gets further shards, these come before the one that leaves
 * them its monitors, so that none goes unchecked meanwhile. Pure.
 */
import type { WorkerEnvironment } from "./network/environments.ts";
import { COORDINATOR, regionsOf, shardIndex } from "./network/environments.ts";

/** One step of a deployment. */
export type DeployStep = { kind: "worker"; environment: string } | { kind: "migrations" };

/** Decides the order. */
export function planDeploy(
  environments: readonly WorkerEnvironment[],
  databaseExists: boolean,
): DeployStep[] {
  const workers = deployOrder(environments).map((environment): DeployStep => ({
    kind: "worker",
    environment,
  }));
  const migrations: DeployStep = { kind: "migrations" };
  return databaseExists
    ? [migrations, ...workers]
    : [...workers.slice(0, 1), migrations, ...workers.slice(1)];
}

/**
 * Environments in the order in which they can be deployed: region by region, in each the last shard
 * first; the coordinator at the end.
 */
export function deployOrder(environments: readonly WorkerEnvironment[]): string[] {
  const probes = regionsOf(environments).flatMap((region) =>
    environments
      .filter((probe) => probe.region === region)
      .map(({ environment }) => environment)
      .sort((a, b) => shardIndex(b) - shardIndex(a)),
  );
  const others = environments
    .filter(({ environment, region }) => region === null && environment !== COORDINATOR)
    .map(({ environment }) => environment);
  return [...probes, ...others, COORDINATOR];
}
