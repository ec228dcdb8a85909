package org.threehalf.evidence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small repository in which one requirement has every kind of evidence, to seed faults into. */
public final class SampleRepository {
    /** Ids are put together here, so that tracing this very source finds none that the specification lacks. */
    public static final String ID = "REQ-" + "ABC-001";

    private final Path root;

    /** Writes it below an empty folder. */
    public SampleRepository(Path root) {
        this.root = root;
        write("spec/FORMAT.md", "# Sample\n\n**%s** The sum is\nexact.\n\n".formatted(ID));
        write("lean/ThreeHalf/Sum.lean", """
                /-! Sums. -/
                namespace ThreeHalf.Sum
                /-- theorem hidden : in a comment -/
                def f (n : Nat) : Nat := n

                /-- Adding nothing changes
                nothing. [%s] -/
                @[simp]
                theorem zero_add' (n : Nat) (h : n = (0 : Nat)) :
                    f n = 0 := by
                  simp [f, h]
                end ThreeHalf.Sum
                """.formatted(ID));
        write("kernels/pom.xml", "<project/>");
        write("kernels/src/main/java/a/Sum.java", """
                package a;
                class Sum {
                    String text = "/*@ requires no; @*/";
                    /** Adds (%s). */
                    /*@ public normal_behavior
                      @   requires x < 1000 && y < 1000;
                      @   ensures \\result == x + y;
                      @*/
                    /*@ pure @*/ static int add(int x, int y) {
                        //@ loop_invariant x >= 0;
                        //@ decreases x;
                        while (x > 0) { x--; y++; }
                        return y;
                    }
                    static int bare(int x) { return x; }
                }
                """.formatted(ID));
        write("kernels/src/test/java/a/SumTest.java", """
                package a;
                class SumTest {
                    /** %s. */
                    @Test void adds() {}
                    @Property @Label("%s") void addsAll(@ForAll int x) {}
                    void helper() {}
                }
                """.formatted(ID, ID));
        write("kernels/target/surefire-reports/TEST-a.SumTest.xml", """
                <testsuite><testcase classname="a.SumTest" name="adds"/>
                <testcase classname="a.SumTest" name="addsAll"><skipped message="no time"/></testcase></testsuite>
                """);
        write(
                "spec/vectors/sum.json",
                "{\"cases\": [\n{\"id\": \"sum-1\", \"requirements\": [\"%s\"]}\n]}\n".formatted(ID));
    }

    /** The repository's root. */
    public Path root() {
        return root;
    }

    /** Writes a file, with the folders above it. */
    public void write(String file, String text) {
        try {
            Files.createDirectories(root.resolve(file).getParent());
            Files.writeString(root.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces text in a file. */
    public void replace(String file, String text, String by) {
        try {
            String before = Files.readString(root.resolve(file));
            if (!before.contains(text)) {
                throw new AssertionError(file + " does not hold " + text);
            }
            write(file, before.replace(text, by));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
