import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * One node of Elasticsearch on the loopback, for tests. Its words: the folder of modules, the folder of its data, the port
 * that clients speak to, and the port that other nodes would.
 */
public final class TestNode {
    private TestNode() {}

    public static void main(String[] words) throws Exception {
        // Before anything else: other classes ask for a logger as soon as they are loaded.
        LogConfigurator.configureESLogging();
        Path modules = Path.of(words[0]).toAbsolutePath();
        Path folder = Path.of(words[1]).toAbsolutePath();
        Path home = Files.createDirectories(folder.resolve("home"));
        Settings settings = Settings.builder()
            .put("path.home", home)
            .put("path.data", folder.resolve("data"))
            .put("path.logs", folder.resolve("logs"))
            .put("cluster.name", "hawser-tests")
            .put("node.name", "only")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", words[2])
            .put("transport.port", words[3])
            // Tests make many small indexes, and machines that run tests have full disks.
            .put("cluster.max_shards_per_node", 5000)
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings, Map.of(), folder.resolve("config"), () -> "only");
        PluginsLoader loader = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(modules), Set.of(), Map.of());
        Node node = new Node(environment, loader);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        Thread.currentThread().join();
    }

    private static void close(Node node) {
        try {
            node.close();
        } catch (Exception failure) {
            failure.printStackTrace();
        }
    }
}
