package org.threehalf.evidence.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.threehalf.jml.frontend.DeclaredMethod;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.repository.SourceTree;

/** The Java sources of a folder, as the prover's reader takes them. */
final class SourceFiles {
    private SourceFiles() {}

    /** The methods that the sources below a folder declare, in the order of files and text. */
    static List<DeclaredMethod> methods(Path root, Path folder) throws IOException {
        List<SourceReader.Source> sources = new ArrayList<>();
        for (Path file : SourceTree.files(folder, ".java")) {
            sources.add(new SourceReader.Source(SourceTree.name(root, file), Files.readString(file)));
        }
        return DeclaredMethod.of(sources);
    }
}
