package org.threehalf.backends.llvm.ir;

/** An operation's operands have types that it does not take: a fault of the generator. */
public final class IllTypedException extends RuntimeException {
    IllTypedException(String message) {
        super(message);
    }
}
