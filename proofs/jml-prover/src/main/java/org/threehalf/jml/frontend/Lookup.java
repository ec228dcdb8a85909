package org.threehalf.jml.frontend;

import java.nio.file.Path;
import java.util.List;

/**
 * Where classes are looked up that the sources use which are read.
 *
 * @param sourcePath folders of sources
 * @param classPath folders and jars of classes; where it is empty, this program's own class path
 */
public record Lookup(List<Path> sourcePath, List<Path> classPath) {
    /** On a source path and this program's own class path. */
    public static Lookup sources(List<Path> sourcePath) {
        return new Lookup(sourcePath, List.of());
    }
}
