import { readFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';

/** What a benchmark ran on. */
export function machine() {
  const [{ model }] = cpus();
  return {
    processor: model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    /** Other work on the machine before the first benchmark: with more than none, trust ratios only. */
    load: Math.round(loadavg()[0] * 10) / 10,
  };
}

/** Commit of a checkout, given the URL of its folder; null where that is not known. */
export function commitOf(folder) {
  const read = (path) => readFileSync(new URL(`.git/${path}`, folder), 'utf8').trim();
  try {
    const head = read('HEAD');
    return head.startsWith('ref: ') ? read(head.slice('ref: '.length)) : head;
  } catch {
    return null; // not a checkout, or its references are packed
  }
}
