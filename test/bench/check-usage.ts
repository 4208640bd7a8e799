/**
 * What a process has used so far, all its threads together, as Linux counts it. Other processes on
 * the machine make it run later, not use more.
 */
import { readFileSync, readdirSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { Complaint } from "../../workers/local/complaint.ts";

/** Ticks of /proc in a second: the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Places of user and system time among the fields that follow the command in /proc/<pid>/stat. */
const UTIME = 11;
const STIME = 12;

/** User and system time of a process in milliseconds, to 10 ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The command stands in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[UTIME]) + Number(fields[STIME]);
  return (ticks * 1_000) / TICKS_PER_SECOND;
}

/** Nanoseconds in a millisecond. */
const NANOSECONDS = 1_000_000;

/**
 * Time that the threads of a process were ready to run and waited for a core, in milliseconds;
 * null: this system does not say.
 */
export function waitedMs(pid: number): number | null {
  try {
    const tasks = `/proc/${pid}/task`;
    const waits = readdirSync(tasks).map((task) => {
      const [, waited] = readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ");
      return Number(waited) / NANOSECONDS;
    });
    return waits.reduce((sum, wait) => sum + wait, 0);
  } catch {
    return null;
  }
}

/** Lets a process run before others on the machine, where one may decide that. */
export function preferProcess(pid: number): void {
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      setPriority(Number(task), constants.priority.PRIORITY_HIGHEST);
    }
  } catch {
    // It may not, or there is no /proc: then what disturbs is only told.
  }
}

/** Memory of a process that is in RAM and its own, in bytes: code mapped from files left out. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no RssAnon`);
  return Number(kilobytes) * 1_024;
}

/** Ids of the processes that this one has started and that still run. */
export function childPids(): number[] {
  const tasks = `/proc/${process.pid}/task`;
  return readdirSync(tasks).flatMap((task) =>
    readFileSync(`${tasks}/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
}

/** @throws Complaint where CPU time of other processes cannot be had this way */
export function assertLinux(): void {
  if (process.platform === "linux") return;
  throw new Complaint("This benchmark reads CPU time from /proc, which only Linux has.", 1);
}
