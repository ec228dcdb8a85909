package org.threehalf.cli;

/**
 * A command that a module beside this one adds to the command line: found by {@link java.util.ServiceLoader}, where the
 * module is on the class path. Making one must be cheap.
 */
public interface AddedCommand {

    /** Its name behind {@code threehalf}. */
    String name();

    /** An object with picocli's annotations; its exit codes are those of {@link ThreeHalf}. */
    Object command();
}
