/**
 * One size of `npm run bench -- backup` in a process of its own, whose heap is no larger than what a
 * Durable Object may have. Prints its figures as one line of JSON.
 */
import { measureBackup } from "./measure.ts";

const [monitors, regions, days, folder = ""] = process.argv.slice(2);
console.log(
  JSON.stringify(await measureBackup(Number(monitors), Number(regions), Number(days), folder)),
);
