import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import type shared from '@eventstore/db-client/generated/shared_pb.js';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';

export interface Gossip {
  /** For `esdb+discover://`. */
  readonly connectionString: string;
  close(): void;
}

/** Answers the question who leads the cluster, for a client that asks at the address `called`; no other node is named. */
export const gossipAbout = (leaderFor: (called: string) => string) => ({
  read: (call: ServerUnaryCall<shared.Empty, gossip.ClusterInfo>, answer: sendUnaryData<gossip.ClusterInfo>) => {
    const [host = '', port] = leaderFor(call.getHost()).split(':');
    const member = new gossip.MemberInfo()
      .setIsAlive(true)
      .setState(gossip.MemberInfo.VNodeState.LEADER)
      .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(Number(port)));
    answer(null, new gossip.ClusterInfo().setMembersList([member]));
  },
});

/** A server of its own that knows who leads: the node on this port. */
export async function startGossip(leader: { readonly port: number }): Promise<Gossip> {
  const server = new Server();
  server.addService(
    GossipService,
    gossipAbout(() => `127.0.0.1:${String(leader.port)}`),
  );
  const port = await new Promise<number>((bound, failed) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, at) => {
      if (error) failed(error);
      else bound(at);
    });
  });
  return {
    connectionString: `esdb+discover://127.0.0.1:${String(port)}?tls=false&maxDiscoverAttempts=3`,
    close: () => {
      server.forceShutdown();
    },
  };
}
