// What does it cost to decide a command and store it before the answer, compared with the same request without both? And
// how much does a rebuild of the read models slow the answers?
import { median, ratioOf } from './support/figures.mjs';
import { loader, service } from './support/processes.mjs';
import { ask } from './support/question.mjs';

const CONNECTIONS = [64, 1];

await ask('Durable commands over HTTP', async ({ answer, folder, full }) => {
  const rounds = full ? 7 : 3;
  const seconds = full ? 5 : 2;
  const constant = await service(folder, 'constant');
  const durable = await service(folder, 'durable');
  const load = loader();

  /** The result of a load, with the processor time of the whole service per command. */
  const measure = async (target, connections) => {
    const before = await target.ask('processorTime');
    const found = await load.send(target, connections, seconds);
    return { ...found, processor: (((await target.ask('processorTime')) - before) / found.requests) * 1e6 };
  };

  for (const target of [constant, durable]) await load.send(target, 64, 2); // warm
  for (const connections of CONNECTIONS) {
    const measured = { constant: [], on: [], off: [] };
    const lags = [];
    for (let round = 0; round < rounds; round++) {
      await durable.ask('caughtUp');
      measured.constant.push(await measure(constant, connections));
      measured.on.push(await measure(durable, connections));
      lags.push(await durable.ask('lag'));
      await durable.ask('caughtUp');
      await durable.ask('pause');
      measured.off.push(await measure(durable, connections));
      await durable.ask('resume');
    }
    const at = connections === 1 ? '1 connection' : `${String(connections)} connections`;
    const rates = (kind) => measured[kind].map(({ perSecond }) => perSecond);
    const processor = (kind) => measured[kind].map((found) => found.processor);
    const labels = { constant: 'constant handler', on: 'durable, projections on', off: 'durable, projections off' };
    for (const kind of ['constant', 'on', 'off']) {
      answer.figure(`${labels[kind]}, ${at}`, median(rates(kind)), 'commands/s');
      answer.figure(`${labels[kind]}, ${at}, p99`, median(measured[kind].map(({ p99 }) => p99)), 'ms');
      answer.figure(`${labels[kind]}, ${at}, processor`, median(processor(kind)), 'µs/command');
    }
    answer.figure(`read models behind at the end of a round, ${at}`, median(lags), 'events');
    const targets = connections === 64 ? [{ atLeast: 0.4 }, { atLeast: 0.5 }] : [{}, {}];
    answer.ratio(`durable / constant, projections on, ${at}`, ratioOf(rates('on'), rates('constant')), targets[0]);
    answer.ratio(`durable / constant, projections off, ${at}`, ratioOf(rates('off'), rates('constant')), targets[1]);
    answer.ratio(
      `the same by processor time, projections off, ${at}`,
      1 / ratioOf(processor('off'), processor('constant')),
    );
  }

  const p99 = { alone: [], rebuilding: [] };
  let rebuilt = 0;
  for (let round = 0; round < rounds; round++) {
    await durable.ask('caughtUp');
    p99.alone.push((await load.send(durable, 64, seconds)).p99);
    await durable.ask('caughtUp');
    await durable.ask('startRebuilding');
    p99.rebuilding.push((await load.send(durable, 64, seconds)).p99);
    rebuilt += await durable.ask('stopRebuilding');
  }
  answer.figure('p99 without a rebuild, 64 connections', median(p99.alone), 'ms');
  answer.figure('p99 during a rebuild, 64 connections', median(p99.rebuilding), 'ms');
  answer.figure('events rebuilt meanwhile', rebuilt, 'events');
  answer.ratio('p99 during a rebuild / without', ratioOf(p99.rebuilding, p99.alone), { atMost: 2 });

  answer.memory('the service, durable', await durable.ask('peakMemory'));
  answer.memory('the service, constant', await constant.ask('peakMemory'));
  load.stop();
  await durable.stop();
  await constant.stop();
});
