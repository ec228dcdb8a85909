package org.threehalf.jml.syntax;

/** Java or JML outside the subset, or JML that is wrong. The message names the construct, the file and the line. */
public final class UnsupportedSyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what was met where. */
    public UnsupportedSyntaxException(String file, int line, String what) {
        super(file + ":" + line + ": " + what);
    }
}
