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
 * <p>{@code StandIn FILE PORT} (port 0: a free port) serves on 127.0.0.1 and prints {@code READY port=N}. It ends when
 * its standard input ends, so that no test leaves it running.
 *
 * <p>Query language, error codes and indexes are those of mongo-java-server. This class adds what tests that kill a
 * server rely on:
 *
 * <ul>
 *   <li>a write is answered after it was forced to the file, whatever its write concern;
 *   <li>no kill leaves a document without its index entries;
 *   <li>an ordered batch ends at its first error;
 *   <li>an answer is a copy, so that no later write changes it while it is sent;
 *   <li>a conditional write finds its document by _id, without a scan of the collection.
 * </ul>
 */
public final class StandIn {

  private static final int NO_AUTO_COMMIT = 0;

  /**
   * Retention in milliseconds. By default the file keeps 45 s of old pages, which is gigabytes under load. Old pages help
   * only after a loss of power, not after a kill of the process.
   */
  private static final int REUSE_SPACE_AT_ONCE = 0;

  /** The drivers refuse servers below version 4.4 (wire version 9); mongo-java-server states wire version 8. */
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

  /** Commands with many statements, and the name of the field that lists the statements. */
  private static final Map<String, String> BATCHES =
      Map.of("insert", "documents", "update", "updates", "delete", "deletes");

  private static final int STATEMENTS_PER_COMMIT = 25;

  private static final int COMMAND_NOT_SUPPORTED = 115;

  public static void main(String[] args) {
    try {
      serve(Path.of(args[0]), Integer.parseInt(args[1]));
      System.exit(0);
    } catch (Exception e) {
      e.printStackTrace();
      // Without this, the threads of the file and of the network would keep the failed process alive.
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
      // ignores the input and waits for its end
    }
    server.shutdownNow();
  }

  /** Executes every command: under a read-write lock, with one commit per change, and an answer after the sync to disk. */
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
          String fullName = name + "." + collection;
          return new CollectionWithIdLookup(
              this, collection, options, store.openMap("databases." + fullName), store.openMap("meta." + fullName),
              getCursorRegistry());
        }
      };
    }

    /** Commits a batch in parts: a kill may leave, and a reader may see, a part of a batch, as in MongoDB. */
    private Document batch(Channel channel, String database, String command, Document request) {
      String list = BATCHES.get(command);
      List<?> statements = List.copyOf((Collection<?>) request.get(list));
      BatchAnswer batchAnswer = new BatchAnswer(!Boolean.FALSE.equals(request.get("ordered")));
      for (int from = 0; from < statements.size() && !batchAnswer.ended(); from += STATEMENTS_PER_COMMIT) {
        int first = from;
        int end = Math.min(from + STATEMENTS_PER_COMMIT, statements.size());
        change(
            () -> {
              for (int index = first; index < end && !batchAnswer.ended(); index++) {
                Document single = request.clone();
                single.put(list, List.of(statements.get(index)));
                batchAnswer.add(index, handleCommand(channel, database, command, single));
              }
              return batchAnswer.document();
            });
      }
      return batchAnswer.document();
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

    private Document answer(Lock lock, Supplier<Document> work) {
      lock.lock();
      try {
        return work.get().cloneDeeply();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Uses the index of {@code _id} for every filter that contains {@code _id}. mongo-java-server would read the whole
   * collection for {@code {_id, _position}}, the filter of every conditional write.
   */
  private static final class CollectionWithIdLookup extends H2Collection {

    CollectionWithIdLookup(
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

  /** Collects the answers to the statements of one batch into one answer. An ordered batch ends at its first error. */
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
      List<Document> failed = documents(answer, "writeErrors");
      failed.forEach(error -> errors.add(withIndex(index, error)));
      documents(answer, "upserted").forEach(document -> upserted.add(withIndex(index, document)));
      matched += failed.isEmpty() ? ((Number) answer.get("n")).intValue() : 0;
      if (answer.get("nModified") instanceof Number count) {
        modified = (modified == null ? 0 : modified) + count.intValue();
      }
    }

    Document document() {
      Document answer = new Document("n", matched);
      answer.putIfNotNull("nModified", modified);
      answer.putIfNotNull("upserted", upserted.isEmpty() ? null : upserted);
      answer.putIfNotNull("writeErrors", errors.isEmpty() ? null : errors);
      return answer.append("ok", 1.0);
    }

    private static Document withIndex(int index, Document entry) {
      Document copy = entry.clone();
      copy.put("index", index);
      return copy;
    }

    @SuppressWarnings("unchecked")
    private static List<Document> documents(Document answer, String field) {
      return answer.get(field) instanceof Collection<?> list ? List.copyOf((Collection<Document>) list) : List.of();
    }
  }
}
