// node write-history.mjs HISTORIES FILE EVENTS EACH OPEN FROM UNTIL
// Appends events FROM (inclusive) to UNTIL (exclusive) of a history to the event store FILE. The whole history has EVENTS
// events, EACH per complaint, with OPEN complaints in progress at once. HISTORIES is the path of
// bench/support/histories.mjs in the checkout whose code writes the events.
import { pathToFileURL } from 'node:url';

const [, , module, file, ...numbers] = process.argv;
const [events, each, open, from, until] = numbers.map(Number);
const { log, writeLog } = await import(pathToFileURL(module).href);

function* entriesInRange() {
  let index = 0;
  for (const entry of log(events, { each, open })) {
    if (index >= until) return;
    if (index >= from) yield entry;
    index++;
  }
}

await writeLog(file, entriesInRange());
