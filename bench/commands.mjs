// How much slower is a command that is decided and stored before the reply than the same request with a constant reply?
// And how much does a rebuild of the read models slow the replies?
import { median, ratioOf } from './support/figures.mjs';
import { startLoadGenerator, startService } from './support/processes.mjs';
import { runBenchmark } from './support/question.mjs';

const CONNECTIONS = [64, 1];

await runBenchmark('Durable commands over HTTP', async ({ answer, folder, full }) => {
  const rounds = full ? 7 : 3;
  const seconds = full ? 5 : 2;
  const constant = await startService(folder, 'constant');
  const durable = await startService(folder, 'durable');
  const load = startLoadGenerator();

  /** Sends commands to a service. The result includes the processor time of the whole service in µs per command. */
  const measure = async (target, connections) => {
    const before = await target.call('processorTime');
    const result = await load.send(target, connections, seconds);
    return { ...result, processor: (((await target.call('processorTime')) - before) / result.requests) * 1e6 };
  };

  for (const target of [constant, durable]) await load.send(target, 64, 2); // warm-up for two seconds
  for (const connections of CONNECTIONS) {
    // `on` and `off`: the durable service with its projections running or paused
    const results = { constant: [], on: [], off: [] };
    const lags = [];
    for (let round = 0; round < rounds; round++) {
      await durable.call('waitUntilCaughtUp');
      results.constant.push(await measure(constant, connections));
      results.on.push(await measure(durable, connections));
      lags.push(await durable.call('lag'));
      await durable.call('waitUntilCaughtUp');
      await durable.call('pause');
      results.off.push(await measure(durable, connections));
      await durable.call('resume');
    }
    const connectionCount = connections === 1 ? '1 connection' : `${String(connections)} connections`;
    const rates = (kind) => results[kind].map(({ perSecond }) => perSecond);
    const latencies = (kind) => results[kind].map(({ p99 }) => p99);
    const processorTimes = (kind) => results[kind].map(({ processor }) => processor);
    const labels = { constant: 'constant handler', on: 'durable, projections on', off: 'durable, projections off' };
    for (const kind of ['constant', 'on', 'off']) {
      const label = `${labels[kind]}, ${connectionCount}`;
      answer.figure(label, median(rates(kind)), 'commands/s');
      answer.figure(`${label}, p99 latency`, median(latencies(kind)), 'ms');
      answer.figure(`${label}, processor time`, median(processorTimes(kind)), 'µs/command');
    }
    answer.figure(`lag of the read models at the end of a round, ${connectionCount}`, median(lags), 'events');
    const targets = connections === 64 ? { on: { atLeast: 0.4 }, off: { atLeast: 0.5 } } : { on: {}, off: {} };
    for (const kind of ['on', 'off'])
      answer.ratio(
        `durable / constant, projections ${kind}, ${connectionCount}`,
        ratioOf(rates(kind), rates('constant')),
        targets[kind],
      );
    answer.ratio(
      `durable / constant by commands per processor time, projections off, ${connectionCount}`,
      1 / ratioOf(processorTimes('off'), processorTimes('constant')),
    );
  }

  const p99 = { withoutRebuild: [], duringRebuild: [] };
  let rebuiltEvents = 0;
  for (let round = 0; round < rounds; round++) {
    await durable.call('waitUntilCaughtUp');
    p99.withoutRebuild.push((await load.send(durable, 64, seconds)).p99);
    await durable.call('waitUntilCaughtUp');
    await durable.call('startRebuilding');
    p99.duringRebuild.push((await load.send(durable, 64, seconds)).p99);
    rebuiltEvents += await durable.call('stopRebuilding');
  }
  answer.figure('p99 latency without a rebuild, 64 connections', median(p99.withoutRebuild), 'ms');
  answer.figure('p99 latency during a rebuild, 64 connections', median(p99.duringRebuild), 'ms');
  answer.figure('events folded by these rebuilds', rebuiltEvents, 'events');
  answer.ratio('p99 latency during a rebuild / without', ratioOf(p99.duringRebuild, p99.withoutRebuild), {
    atMost: 2,
  });

  answer.memory('the service, durable', await durable.call('peakMemory'));
  answer.memory('the service, constant', await constant.call('peakMemory'));
  load.stop();
  await durable.stop();
  await constant.stop();
});
