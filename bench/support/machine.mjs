import { readFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';

/** Describes the machine on which the benchmarks run. */
export function machine() {
  const [{ model }] = cpus();
  return {
    processor: model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    /** Average load of the last minute. If other programs cause load, only ratios are meaningful. */
    load: Math.round(loadavg()[0] * 10) / 10,
  };
}

/** Returns the commit of a checkout, given the URL of its folder; null if it is unknown. */
export function commitOf(folder) {
  const read = (path) => readFileSync(new URL(`.git/${path}`, folder), 'utf8').trim();
  try {
    const head = read('HEAD');
    return head.startsWith('ref: ') ? read(head.slice('ref: '.length)) : head;
  } catch {
    return null; // not a checkout, or its references are packed
  }
}
