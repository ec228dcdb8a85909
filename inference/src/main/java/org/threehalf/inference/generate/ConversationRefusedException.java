package org.threehalf.inference.generate;

import org.threehalf.inference.gguf.ModelFormatException;

/**
 * A chat template that can be read does not take a conversation, by {@code raise_exception} or because it fails on it.
 * It may take another.
 */
public final class ConversationRefusedException extends ModelFormatException {
    private static final long serialVersionUID = 1;

    /** With what the template says. */
    public ConversationRefusedException(String message) {
        super(message);
    }

    /** With the exception that says it. */
    public ConversationRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
