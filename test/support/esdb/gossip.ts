import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';

export interface Gossip {
  /** For `esdb+discover://`. */
  readonly connectionString: string;
  close(): void;
}

/** Answers the question who leads the cluster: the node on this port, alone. */
export async function startGossip(leader: { readonly port: number }): Promise<Gossip> {
  const server = new Server();
  server.addService(GossipService, {
    read: (_call: ServerUnaryCall<shared.Empty, gossip.ClusterInfo>, answer: sendUnaryData<gossip.ClusterInfo>) => {
      const member = new gossip.MemberInfo()
        .setIsAlive(true)
        .setState(gossip.MemberInfo.VNodeState.LEADER)
        .setHttpEndPoint(new gossip.EndPoint().setAddress('127.0.0.1').setPort(leader.port));
      answer(null, new gossip.ClusterInfo().setMembersList([member]));
    },
  });
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
