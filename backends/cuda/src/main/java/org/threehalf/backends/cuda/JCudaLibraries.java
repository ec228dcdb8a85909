package org.threehalf.backends.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import org.threehalf.kernels.io.FolderTree;

/**
 * JCuda's own native libraries, which it brings in its jars and unpacks when one of its classes is first used. What is
 * loaded runs with the user's rights, and JCuda takes any file of the right name that lies in the shared temporary
 * folder, whoever put it there. So it is given a new folder of this process alone, which is gone when the libraries are
 * loaded.
 */
final class JCudaLibraries {
    /** Where JCuda unpacks to, which it asks for each time. */
    private static final String TEMPORARY_FOLDER = "java.io.tmpdir";

    private static final Set<String> LOADED = new HashSet<>();

    private JCudaLibraries() {}

    /** Has the library of the driver's API loaded, if it is not. */
    static void loadDriver() {
        load(JCudaDriver.class.getName());
    }

    /** Has the library of cuBLAS loaded, if it is not. */
    static void loadCublas() {
        load(JCublas2.class.getName());
    }

    /**
     * Initialises a class, which loads its library.
     *
     * @throws CudaException if no folder can be made
     * @throws LinkageError if the library cannot be loaded
     */
    private static synchronized void load(String type) {
        if (LOADED.contains(type)) {
            return;
        }
        Path folder;
        try {
            // Of mode 0700.
            folder = Files.createTempDirectory("threehalf-jcuda");
        } catch (IOException e) {
            throw new CudaException(
                    "JCuda's libraries cannot be unpacked: no folder can be made in %s; name another with -D%s"
                            .formatted(System.getProperty(TEMPORARY_FOLDER), TEMPORARY_FOLDER),
                    e);
        }
        String shared = System.setProperty(TEMPORARY_FOLDER, folder.toString());
        try {
            Class.forName(type, true, JCudaLibraries.class.getClassLoader());
            LOADED.add(type);
        } catch (ClassNotFoundException e) {
            throw new NoClassDefFoundError(e.getMessage());
        } finally {
            if (shared == null) {
                System.clearProperty(TEMPORARY_FOLDER);
            } else {
                System.setProperty(TEMPORARY_FOLDER, shared);
            }
            delete(folder);
        }
    }

    /** A library that is loaded stays mapped without its file. */
    private static void delete(Path folder) {
        try {
            FolderTree.delete(folder);
        } catch (IOException e) {
            System.err.println("JCuda's libraries stay in " + folder + ": " + e.getMessage());
        }
    }
}
