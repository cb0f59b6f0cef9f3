// node write-history.mjs HISTORIES FILE EVENTS EACH OPEN FROM UNTIL: appends events FROM to UNTIL of a history of
// EVENTS events to an event store, with the code of the checkout whose bench/support/histories.mjs is HISTORIES.
import { pathToFileURL } from 'node:url';

const [, , module, file, ...numbers] = process.argv;
const [events, each, open, from, until] = numbers.map(Number);
const { log, writeLog } = await import(pathToFileURL(module).href);

function* part() {
  let at = 0;
  for (const entry of log(events, { each, open })) {
    if (at >= until) return;
    if (at++ >= from) yield entry;
  }
}

await writeLog(file, part());
