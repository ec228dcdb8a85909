/**
 * The command line {@code threehalf}: one class a subcommand, all of them thin; what they do lives in the other
 * modules.
 *
 * <p>Depends on all libraries; nothing depends on it. {@link org.threehalf.cli.ThreeHalf} lists the subcommands and
 * maps exceptions to messages and exit codes, so a command simply throws. picocli sets the fields of a command before
 * it calls it: what they are initialised with is seen by no command, and only those that may be left out are null.
 */
@NullMarked
package org.threehalf.cli;

import org.jspecify.annotations.NullMarked;
