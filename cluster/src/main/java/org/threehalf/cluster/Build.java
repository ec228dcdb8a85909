package org.threehalf.cluster;

import java.io.IOException;
import java.util.List;
import org.threehalf.backends.spi.Backend;
import org.threehalf.cli.ThreeHalf;
import org.threehalf.conformance.ConformanceRunner;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.kernels.PackedMatrix;
import org.threehalf.kernels.io.ClassFiles;
import org.threehalf.kernels.io.Sha256;

/**
 * Which ThreeHalf this is: its version, and a hash of the classes that compute. Unlike a commit's it tells what was
 * changed and not committed, needs no repository, and is the same for classes in folders and in a jar.
 */
final class Build {
    /** A class of each module whose code decides results; all classes of their packages count, and those below. */
    private static final List<Class<?>> ANCHORS = List.of(
            PackedMatrix.class,
            Backend.class,
            LanguageModel.class,
            ConformanceRunner.class,
            ThreeHalf.class,
            Build.class);

    private static final List<String> PACKAGES =
            List.of("kernels", "backends/spi", "inference", "conformance", "cli", "cluster");

    private Build() {}

    private static final class Here {
        private static final String ID = "%s (classes %s)".formatted(ThreeHalf.version(), hash().substring(0, 12));
    }

    /** The build that runs, for people too. */
    static String here() {
        return Here.ID;
    }

    private static String hash() {
        StringBuilder all = new StringBuilder();
        try {
            for (int i = 0; i < ANCHORS.size(); i++) {
                String parent = PACKAGES.get(i);
                ClassFiles.sha256(ANCHORS.get(i), "org/threehalf/" + parent)
                        .forEach((name, hash) -> all.append("%s/%s %s\n".formatted(parent, name, hash)));
            }
        } catch (IOException unreadable) {
            throw new IllegalStateException("the classes of ThreeHalf cannot be read: " + unreadable, unreadable);
        }
        return Sha256.of(all.toString());
    }
}
