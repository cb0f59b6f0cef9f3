import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import type shared from '@eventstore/db-client/generated/shared_pb.js';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';

export interface Gossip {
  /** An `esdb+discover://` address of the gossip server. */
  readonly connectionString: string;
  close(): void;
}

/**
 * The gossip service. Its answer names one node, the leader.
 * @param leaderFor returns the leader (`host:port`) for a client that called the given address (`host:port`)
 */
export const gossipService = (leaderFor: (calledAddress: string) => string) => ({
  read: (call: ServerUnaryCall<shared.Empty, gossip.ClusterInfo>, answer: sendUnaryData<gossip.ClusterInfo>) => {
    const [host = '', port] = leaderFor(call.getHost()).split(':');
    const member = new gossip.MemberInfo()
      .setIsAlive(true)
      .setState(gossip.MemberInfo.VNodeState.LEADER)
      .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(Number(port)));
    answer(null, new gossip.ClusterInfo().setMembersList([member]));
  },
});

/** Starts a separate gossip server that names the node on the given port of 127.0.0.1 as the leader. */
export async function startGossip(leader: { readonly port: number }): Promise<Gossip> {
  const server = new Server();
  server.addService(
    GossipService,
    gossipService(() => `127.0.0.1:${String(leader.port)}`),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, boundPort) => {
      if (error) reject(error);
      else resolve(boundPort);
    });
  });
  return {
    connectionString: `esdb+discover://127.0.0.1:${String(port)}?tls=false&maxDiscoverAttempts=3`,
    close: () => {
      server.forceShutdown();
    },
  };
}
