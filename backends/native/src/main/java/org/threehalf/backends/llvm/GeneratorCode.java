package org.threehalf.backends.llvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipFile;
import org.threehalf.kernels.format.Format;
import org.threehalf.kernels.io.ClassFiles;
import org.threehalf.kernels.io.UserCache;

/**
 * The generators' own code, and that of the kernels, from which they take formats and coefficients: what they write
 * follows from it and from what they are asked for. To know it takes a few milliseconds; to write a module and to hash
 * its text takes a tenth of a second.
 */
final class GeneratorCode {

    private static final Optional<String> IDENTITY = identity(List.of(GeneratorCode.class, Format.class));

    private GeneratorCode() {}

    /** Another text for other code; empty where it is not known where the code is. */
    static Optional<String> identity() {
        return IDENTITY;
    }

    /** Of all files that lie beside some classes, by name, size and CRC-32. */
    static Optional<String> identity(List<Class<?>> classes) {
        StringBuilder all = new StringBuilder();
        try {
            for (Class<?> one : classes) {
                Path place = ClassFiles.place(one);
                all.append(one.getName()).append('\n');
                (Files.isDirectory(place) ? ofFolder(place) : ofJar(place))
                        .forEach(line -> all.append(line).append('\n'));
            }
        } catch (IOException | UncheckedIOException elsewhere) {
            return Optional.empty();
        }
        return Optional.of(UserCache.key(all.toString()));
    }

    private static List<String> ofJar(Path jar) throws IOException {
        List<String> lines = new ArrayList<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            zip.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(entry -> line(entry.getName(), entry.getSize(), entry.getCrc()))
                    .sorted()
                    .forEach(lines::add);
        }
        return lines;
    }

    private static List<String> ofFolder(Path folder) throws IOException {
        TreeMap<String, Path> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            walk.filter(Files::isRegularFile)
                    .forEach(file -> files.put(folder.relativize(file).toString(), file));
        }
        List<String> lines = new ArrayList<>();
        CRC32 crc = new CRC32();
        for (var file : files.entrySet()) {
            byte[] bytes = Files.readAllBytes(file.getValue());
            crc.reset();
            crc.update(bytes);
            lines.add(line(file.getKey(), bytes.length, crc.getValue()));
        }
        return lines;
    }

    private static String line(String name, long size, long crc) {
        return name + ' ' + size + ' ' + crc;
    }
}
