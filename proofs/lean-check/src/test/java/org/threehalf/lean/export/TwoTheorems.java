package org.threehalf.lean.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A compiled project of two theorems, on a library of four axioms, for tests of what reads it. */
public final class TwoTheorems {
    private TwoTheorems() {}

    /** Writes its modules below a folder. */
    public static KernelExport.Compiled compiled(Path folder) throws IOException {
        OleanFile library = new OleanFile(Integer.BYTES, 0x10000);
        library.write(
                folder.resolve("library/Lib.olean"),
                new String[0],
                library.axiom("P", library.prop()),
                library.axiom("Q", library.prop()),
                library.axiom("p", library.constant("P")),
                library.axiom("q", library.constant("Q")));
        OleanFile own = new OleanFile(Integer.BYTES, 0x20000);
        own.write(
                folder.resolve("own/Own.olean"),
                new String[] {"Lib"},
                own.theorem("Own.first", own.constant("P"), own.constant("p")),
                own.theorem("Own.second", own.constant("Q"), own.constant("q")));
        return new KernelExport.Compiled(
                Set.of("Own"), List.of(folder.resolve("own"), folder.resolve("library")), Integer.BYTES, "4.28.0-pre");
    }
}
