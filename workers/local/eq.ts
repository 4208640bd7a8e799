/**
 * `npm run --silent eq -- <command>`: Echoquorum's command line. Each command is a module in `eq/`.
 */
import { Complaint, runCommand } from "./complaint.ts";

const USAGE = `Echoquorum's command line: npm run --silent eq -- <command>

  check <url>              one check of a WebSocket service, now, from here
  region list              the regions that there are, and those in use
  region add <id>          put a probe into another region, or several (--shards 2)
  region remove <id>       take a region out
  channel test <id>        send a test message (also: list, rotate)
  ranges refresh           bring the list of Cloudflare's address ranges up to date
  backup FILE              save all that a running network knows, but the raw log
  restore FILE             put a backup in the place of what a network has
  rollups rebuild          recount the history from the runs that are still kept
  incident create <title>  tell of trouble in your own words (also: update, resolve, list …)
  why INCIDENT             why each channel was told of an incident, or was not

Each command explains itself with --help.`;

/** Exit code of every error: 1 and 2 are what `check` says about a target. */
const EXIT_ERROR = 3;

await runCommand(async () => {
  const [command, ...args] = process.argv.slice(2);
  const cwd = process.env["INIT_CWD"] ?? process.cwd();
  switch (command) {
    case "check":
      return (await import("./eq/check.ts")).runCheck(args, cwd);
    case "region":
      return (await import("./eq/region.ts")).runRegion(args);
    case "channel":
      return (await import("./eq/channel.ts")).runChannel(args);
    case "incident":
      return (await import("./eq/incident.ts")).runIncident(args, cwd);
    case "ranges":
      return (await import("./eq/ranges.ts")).runRanges(args, cwd);
    case "backup":
      return (await import("./eq/backup.ts")).runBackup(args, cwd);
    case "restore":
      return (await import("./eq/restore.ts")).runRestore(args, cwd);
    case "rollups":
      return (await import("./eq/rollups.ts")).runRollups(args);
    case "why":
      return (await import("./eq/why.ts")).runWhy(args, cwd);
    case "--help":
    case "-h":
    case "help":
      console.log(USAGE);
      return 0;
    case undefined:
      throw new Complaint(USAGE);
    default:
      throw new Complaint(`There is no command "${command}".\n\n${USAGE}`);
  }
}, EXIT_ERROR);
