package org.threehalf.evidence;

import org.threehalf.cli.AddedCommand;

/** The commands that this module adds to {@code threehalf}. */
public final class Commands {
    private Commands() {}

    /** {@code threehalf verify}. */
    public static final class Verify implements AddedCommand {
        /** For {@link java.util.ServiceLoader}. */
        public Verify() {}

        @Override
        public String name() {
            return "verify";
        }

        @Override
        public Object command() {
            return new VerifyCommand();
        }
    }

    /** {@code threehalf evidence}. */
    public static final class Evidence implements AddedCommand {
        /** For {@link java.util.ServiceLoader}. */
        public Evidence() {}

        @Override
        public String name() {
            return "evidence";
        }

        @Override
        public Object command() {
            return new EvidenceCommand();
        }
    }
}
