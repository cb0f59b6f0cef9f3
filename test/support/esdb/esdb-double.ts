import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { BatchAppends, unaryAppend } from './append-calls.js';
import { Connections } from './connections.js';
import { softDelete, tombstone } from './delete-calls.js';
import { EventLog } from './event-log.js';
import { Faults, type EsdbFaults } from './faults.js';
import { writeForeignStreams } from './foreign-streams.js';
import { gossipService } from './gossip.js';
import { LogFile } from './log-file.js';
import { PipelinedCall } from './pipelined-call.js';
import { read } from './read-calls.js';

export interface EsdbDoubleOptions {
  /** Default: 0, with which the operating system chooses a port. */
  readonly port?: number;
  /** File of the log, created if it does not exist. Without a file the events are lost when the double closes. */
  readonly file?: string;
  /** Whether a new log is empty. By default it holds streams of other programs (see foreign-streams.ts). */
  readonly withoutForeignStreams?: boolean;
}

export interface EsdbDouble {
  readonly port: number;
  /** For `EventStoreDBClient.connectionString`. */
  readonly connectionString: string;
  readonly faults: EsdbFaults;
  /** Number of open subscriptions. */
  subscriptions(): number;
  /** Breaks every connection and frees the port. The file contains all acknowledged events. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a double of one EventStoreDB 23.10 node: a gRPC server on the service stubs of the client package. It supports
 * streams (append, batch append, read, subscribe, delete, tombstone), server features and gossip, without TLS. Its
 * answers equal those recorded from EventStoreDB 23.10.6; test/contract/esdb-double.spec.ts lists the differences.
 */
export async function startEsdbDouble({
  port = 0,
  file,
  withoutForeignStreams = false,
}: EsdbDoubleOptions = {}): Promise<EsdbDouble> {
  const opened = file === undefined ? undefined : LogFile.open(file);
  const log = new EventLog(opened?.commits, opened?.file);
  if (!withoutForeignStreams && (opened?.commits.length ?? 0) === 0) writeForeignStreams(log);
  const server = new Server({
    'grpc.max_receive_message_length': -1, // no limit: the append handlers check MAX_MESSAGE_SIZE
    interceptors: [(_method, call) => new PipelinedCall(call)],
  });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const connections = new Connections((socket) => {
    injector.injectConnection(socket);
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closed ??= (async (): Promise<void> => {
      server.forceShutdown();
      await connections.close();
      await opened?.file.close();
    })());
  const faults = new Faults(() => connections.reset(), close);
  addServices(server, log, faults);
  await new Promise<void>((resolve) => {
    log.whenDurable(resolve);
  });
  const actualPort = await connections.listen(port);
  const connectionString = `esdb://127.0.0.1:${String(actualPort)}?tls=false`;
  return { port: actualPort, connectionString, faults, subscriptions: () => faults.subscriptions, close };
}

function addServices(server: Server, log: EventLog, faults: Faults): void {
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (
      call: ServerUnaryCall<shared.Empty, features.SupportedMethods>,
      answer: sendUnaryData<features.SupportedMethods>,
    ) => {
      faults.admit(call, 'read', () => answer(null, supportedMethods()), answer);
    },
  });
  server.addService(StreamsService, {
    append: unaryAppend.bind(undefined, log, faults),
    batchAppend: (call: ConstructorParameters<typeof BatchAppends>[2]) => new BatchAppends(log, faults, call),
    read: read.bind(undefined, log, faults),
    delete: softDelete.bind(undefined, log, faults),
    tombstone: tombstone.bind(undefined, log, faults),
  });
  server.addService(
    GossipService,
    gossipService((calledAddress) => faults.leaderFor(calledAddress)),
  );
}

function supportedMethods(): features.SupportedMethods {
  const supported = new features.SupportedMethods().setEventStoreServerVersion('23.10.6.0');
  for (const method of ['read', 'append', 'batchappend', 'delete', 'tombstone']) {
    const entry = new features.SupportedMethod();
    supported.addMethods(entry.setServiceName('event_store.client.streams.Streams').setMethodName(method));
  }
  return supported;
}
