package org.threehalf.kernels.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserCacheTest {

    private static final byte[] CONTENT = {1, 2, 3, 4, 5, 6, 7, 8};

    @TempDir
    private Path root;

    @BeforeEach
    void needsPosix() {
        Assumptions.assumeTrue(
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix"),
                "NOT CHECKED: no POSIX file system");
    }

    private UserCache cache(int entries) {
        return UserCache.of(root, "some", entries).orElseThrow();
    }

    @Test
    void entriesComeBackInAnotherProcess() {
        cache(10).put("a", CONTENT);
        assertArrayEquals(CONTENT, cache(10).get("a").orElseThrow());
        assertEquals(Optional.empty(), cache(10).get("b"));
    }

    /**
     * Seeded faults: each flipped bit, each length that is too short, a longer file, another key, another cache's
     * entry, another user's secret.
     */
    @Test
    void whatSomebodyChangedIsNotBelievedAndIsReplaced() throws IOException {
        UserCache cache = cache(10);
        cache.put("a", CONTENT);
        Path file = root.resolve("some").resolve("a");
        byte[] right = Files.readAllBytes(file);
        for (int bit = 0; bit < 8 * right.length; bit++) {
            byte[] wrong = right.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, wrong);
            assertEquals(Optional.empty(), cache.get("a"), "bit " + bit);
        }
        for (int length = 0; length < right.length; length++) {
            Files.write(file, Arrays.copyOf(right, length));
            assertEquals(Optional.empty(), cache.get("a"), length + " bytes");
        }
        Files.write(file, Arrays.copyOf(right, right.length + 1));
        assertEquals(Optional.empty(), cache.get("a"));
        Files.write(root.resolve("some").resolve("b"), right);
        assertEquals(Optional.empty(), cache.get("b"));
        UserCache other = UserCache.of(root, "other", 10).orElseThrow();
        Files.write(root.resolve("other").resolve("a"), right);
        assertEquals(Optional.empty(), other.get("a"));
        Files.write(file, right);
        assertTrue(cache.get("a").isPresent());
        Files.delete(root.resolve("secret").resolve("entries"));
        assertEquals(Optional.empty(), cache(10).get("a"));
        cache(10).put("a", CONTENT);
        assertArrayEquals(CONTENT, cache(10).get("a").orElseThrow());
    }

    @Test
    void foldersOfOthersAreNotUsed() throws IOException {
        cache(10);
        Files.setPosixFilePermissions(root.resolve("some"), PosixFilePermissions.fromString("rwxrwx---"));
        assertEquals(Optional.empty(), UserCache.of(root, "some", 10));
        Files.setPosixFilePermissions(root.resolve("some"), PosixFilePermissions.fromString("rwx------"));
        assertTrue(UserCache.of(root, "some", 10).isPresent());
        Files.createSymbolicLink(root.resolve("link"), root.resolve("some"));
        assertEquals(Optional.empty(), UserCache.of(root, "link", 10));
        Files.writeString(root.resolve("file"), "");
        assertEquals(Optional.empty(), UserCache.of(root, "file", 10));
        assertEquals(Optional.empty(), UserCache.of(Path.of("relative"), "some", 10));
    }

    @Test
    void theOldestGo() throws IOException {
        UserCache cache = cache(3);
        for (int i = 0; i < 6; i++) {
            cache.put("e" + i, CONTENT);
            Files.setLastModifiedTime(root.resolve("some").resolve("e" + i), FileTime.fromMillis(1_000_000L * (i + 1)));
        }
        cache.put("last", CONTENT);
        assertTrue(cache.get("last").isPresent());
        try (Stream<Path> files = Files.list(root.resolve("some"))) {
            assertEquals(
                    Set.of("e4", "e5", "last"),
                    files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()));
        }
    }

    /** Readers see a whole entry or none, whoever writes. */
    @Test
    void severalMayWrite() throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            List<? extends Future<?>> runs = IntStream.range(0, 4)
                    .mapToObj(i -> pool.submit(() -> {
                        UserCache cache = cache(2);
                        for (int round = 0; round < 50; round++) {
                            cache.put("k" + round % 3, CONTENT);
                            cache.get("k" + round % 3).ifPresent(found -> assertArrayEquals(CONTENT, found));
                        }
                    }))
                    .toList();
            for (Future<?> run : runs) {
                run.get();
            }
        }
        try (Stream<Path> files = Files.list(root.resolve("some"))) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".part")));
        }
    }

    @Test
    void rootIsTheUsersFolderForCaches() {
        assertEquals(Path.of("/x/threehalf"), UserCache.root(Map.of("XDG_CACHE_HOME", "/x")));
        assertEquals(Path.of(System.getProperty("user.home"), ".cache", "threehalf"), UserCache.root(Map.of()));
        assertNotEquals(UserCache.key("a"), UserCache.key("b"));
    }
}
