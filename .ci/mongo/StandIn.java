import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * mongo-java-server on one H2 file, as a stand-in for MongoDB in tests.
 *
 * <p>{@code StandIn FILE PORT} (port 0: one that is free) serves on 127.0.0.1, prints {@code READY port=N} and ends
 * when its standard input does, so that no test leaves it behind.
 *
 * <p>Query language, error codes and indexes are the server's own. Added here is what a test that kills a server relies
 * on: a write is answered after it was forced to the file, whatever its write concern; no kill leaves a document
 * without its index entries; an ordered batch ends at its first error; an answer is a copy, so that no later write
 * shows through it while it is sent; a guarded write finds its document by _id instead of reading them all.
 */
public final class StandIn {

  private static final int NO_AUTO_COMMIT = 0;

  /** Else the file keeps 45 s of old pages: gigabytes under load. A killed process, unlike a lost disk, needs none. */
  private static final int REUSE_SPACE_AT_ONCE = 0;

  /** What the drivers accept: they refuse servers below 4.4 (wire version 9); the server itself says 8. */
  private static final MongoVersion MONGO_5_0 =
      new MongoVersion() {
        @Override
        public List<Integer> getVersionArray() {
          return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
          return 13;
        }
      };

  private static final Set<String> READS =
      Set.of(
          "ismaster", "isMaster", "hello", "ping", "buildInfo", "buildinfo", "find", "count", "distinct",
          "listCollections", "listIndexes", "listDatabases", "dbStats", "collStats", "getLog", "serverStatus",
          "connectionStatus", "whatsmyuri");

  /** Commands of many statements, and where they list them. */
  private static final Map<String, String> BATCHES =
      Map.of("insert", "documents", "update", "updates", "delete", "deletes");

  private static final int STATEMENTS_A_COMMIT = 25;

  private static final int COMMAND_NOT_SUPPORTED = 115;

  public static void main(String[] args) {
    try {
      serve(Path.of(args[0]), Integer.parseInt(args[1]));
      System.exit(0);
    } catch (Exception e) {
      e.printStackTrace();
      // The threads of the file and of the network would keep a server alive that serves nobody.
      Runtime.getRuntime().halt(1);
    }
  }

  private static void serve(Path file, int port) throws IOException {
    MVStore store = new MVStore.Builder().fileName(file.toString()).autoCommitDisabled().open();
    store.setAutoCommitDelay(NO_AUTO_COMMIT);
    store.setRetentionTime(REUSE_SPACE_AT_ONCE);
    MongoServer server = new MongoServer(new DurableBackend(store).version(MONGO_5_0));
    server.bind(new InetSocketAddress("127.0.0.1", port));
    System.out.println("READY port=" + server.getLocalAddress().getPort());
    while (System.in.read() >= 0) {
      // nothing is said on it: only its end is waited for
    }
    server.shutdownNow();
  }

  /** What every command is asked through: one lock, a commit a change, an answer after it is on the disk. */
  private static final class DurableBackend extends H2Backend {

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

    DurableBackend(MVStore store) {
      super(store);
    }

    @Override
    public Document handleMessage(MongoMessage message) {
      Document request = message.getDocument();
      String command = request.keySet().iterator().next();
      String database = message.getDatabaseName();
      if (command.equals("renameCollection")) {
        throw new MongoServerError(COMMAND_NOT_SUPPORTED, "the H2 backend loses a renamed collection at restart");
      }
      if (READS.contains(command)) {
        return answer(lock.readLock(), () -> handleCommand(message.getChannel(), database, command, request));
      }
      MVStore store = getMvStore();
      long before = store.getCurrentVersion();
      try {
        if (BATCHES.containsKey(command)) {
          return batch(message.getChannel(), database, command, request);
        }
        return change(() -> handleCommand(message.getChannel(), database, command, request));
      } finally {
        if (store.getCurrentVersion() != before) {
          store.sync();
        }
      }
    }

    @Override
    protected MongoDatabase openOrCreateDatabase(String name) {
      MVStore store = getMvStore();
      return new H2Database(name, store, getCursorRegistry()) {
        @Override
        protected MongoCollection<Object> openOrCreateCollection(String collection, CollectionOptions options) {
          String place = name + "." + collection;
          return new ById(
              this, collection, options, store.openMap("databases." + place), store.openMap("meta." + place),
              getCursorRegistry());
        }
      };
    }

    /** A batch in parts, each its own commit: a kill or a reader may meet a batch half done, as in MongoDB. */
    private Document batch(Channel channel, String database, String command, Document request) {
      String list = BATCHES.get(command);
      List<?> statements = List.copyOf((Collection<?>) request.get(list));
      BatchAnswer sum = new BatchAnswer(!Boolean.FALSE.equals(request.get("ordered")));
      for (int from = 0; from < statements.size() && !sum.ended(); from += STATEMENTS_A_COMMIT) {
        int first = from;
        int end = Math.min(from + STATEMENTS_A_COMMIT, statements.size());
        change(
            () -> {
              for (int index = first; index < end && !sum.ended(); index++) {
                Document one = request.clone();
                one.put(list, List.of(statements.get(index)));
                sum.add(index, handleCommand(channel, database, command, one));
              }
              return sum.document();
            });
      }
      return sum.document();
    }

    private Document change(Supplier<Document> work) {
      return answer(
          lock.writeLock(),
          () -> {
            try {
              return work.get();
            } finally {
              commit();
            }
          });
    }

    private Document answer(Lock held, Supplier<Document> work) {
      held.lock();
      try {
        return work.get().cloneDeeply();
      } finally {
        held.unlock();
      }
    }
  }

  /**
   * Finds by {@code _id} also where a filter names more than that: the server itself would read the whole collection
   * for {@code {_id, _position}}, which every guarded write asks.
   */
  private static final class ById extends H2Collection {

    ById(
        MongoDatabase database,
        String name,
        CollectionOptions options,
        MVMap<Object, Document> documents,
        MVMap<String, Object> meta,
        CursorRegistry cursors) {
      super(database, name, options, documents, meta, cursors);
    }

    @Override
    protected QueryResult queryDocuments(
        Document query, Document order, int skip, int limit, int batch, Document fields) {
      if (query.size() > 1 && query.containsKey("_id")) {
        Document id = new Document("_id", query.get("_id"));
        for (Index<Object> index : getIndexes()) {
          if (index.canHandle(id)) {
            return matchDocuments(query, index.getPositions(id), order, skip, limit, batch, fields);
          }
        }
      }
      return super.queryDocuments(query, order, skip, limit, batch, fields);
    }
  }

  /** What the statements of one batch came to: an ordered batch ends at its first error. */
  private static final class BatchAnswer {

    private final boolean ordered;
    private final List<Document> upserted = new ArrayList<>();
    private final List<Document> errors = new ArrayList<>();
    private int matched;
    private Integer modified;

    BatchAnswer(boolean ordered) {
      this.ordered = ordered;
    }

    boolean ended() {
      return ordered && !errors.isEmpty();
    }

    void add(int index, Document answer) {
      List<Document> failed = listed(answer, "writeErrors");
      failed.forEach(error -> errors.add(at(index, error)));
      listed(answer, "upserted").forEach(document -> upserted.add(at(index, document)));
      matched += failed.isEmpty() ? ((Number) answer.get("n")).intValue() : 0;
      if (answer.get("nModified") instanceof Number count) {
        modified = (modified == null ? 0 : modified) + count.intValue();
      }
    }

    Document document() {
      Document all = new Document("n", matched);
      all.putIfNotNull("nModified", modified);
      all.putIfNotNull("upserted", upserted.isEmpty() ? null : upserted);
      all.putIfNotNull("writeErrors", errors.isEmpty() ? null : errors);
      return all.append("ok", 1.0);
    }

    private static Document at(int index, Document entry) {
      Document copy = entry.clone();
      copy.put("index", index);
      return copy;
    }

    @SuppressWarnings("unchecked")
    private static List<Document> listed(Document answer, String field) {
      return answer.get(field) instanceof Collection<?> some ? List.copyOf((Collection<Document>) some) : List.of();
    }
  }
}
